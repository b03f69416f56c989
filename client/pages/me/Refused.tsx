import { LIMITS } from '../../../shared/limits.ts';
import type { MeReply } from '../../../shared/volunteers.ts';
import { amount, momentOf } from '../../format.ts';
import { belonging } from '../../words/belonging.ts';
import { language } from '../../words/index.ts';

const DAY_MS = 24 * 3_600_000;

type Refusal = MeReply['refused'][number];

/** What a refusal means to whoever's work it was; codes without words of their own share some. */
export function meaningOf(code: Refusal['code']): string {
  const { meanings } = belonging().me.refused;
  return code !== null && Object.hasOwn(meanings, code)
    ? meanings[code as keyof typeof meanings]
    : meanings.other;
}

/** Results that were not taken, newest first, each with why. */
export function Refused({ me: { refused, sweeps } }: { me: MeReply }) {
  const say = belonging().me.refused;
  const titleOf = (id: string) => sweeps.find(({ sweepId }) => sweepId === id)?.title ?? id;
  return (
    <section aria-labelledby="refused">
      <h2 id="refused">{say.title}</h2>
      {refused.length === 0 && <p>{say.none}</p>}
      <ul class="refusals">
        {refused.map((one) => (
          <li key={`${one.sweepId} ${one.run} ${one.to}`}>
            <p>
              <a href={`/sweeps/${one.sweepId}/runs/${one.run}`}>{say.what(one.run, amount(one.to))}</a>{' '}
              <a href={`/sweeps/${one.sweepId}`} lang="en">
                {titleOf(one.sweepId)}
              </a>{' '}
              <time class="small" dateTime={new Date(one.atMs).toISOString()}>
                {momentOf(one.atMs)}
              </time>
            </p>
            <p>{meaningOf(one.code)}</p>
            <p class="small">
              {say.said}: <q lang={language() === 'en' ? undefined : 'en'}>{one.message}</q>
            </p>
          </li>
        ))}
      </ul>
      {refused.length > 0 && (
        <p class="small">
          {say.help(amount(LIMITS.refusalsKeptMax), amount(LIMITS.refusalsKeptMs / DAY_MS))}
        </p>
      )}
    </section>
  );
}
