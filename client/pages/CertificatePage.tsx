import { FLOPS_PER_CREDIT } from '../../shared/credit.ts';
import type { MeReply } from '../../shared/volunteers.ts';
import { Facts } from '../components/Facts.tsx';
import { amount, dayOf, flops } from '../format.ts';
import type { Identity } from '../identity.ts';
import { belonging } from '../words/belonging.ts';
import { displayName } from './boards/own-rows.ts';
import { nameOf } from './me/names.ts';
import { Unfetched, Wait } from './me/Outcome.tsx';
import { useIdentity } from './use-identity.ts';
import { useMe } from './use-me.ts';
import { useTitle } from './use-title.ts';

/** What a volunteer did, on one sheet of paper, in words that claim no more than is so. */
export default function CertificatePage() {
  const { certificate: say, nobody } = belonging().me;
  useTitle(say.title);
  const identity = useIdentity();
  if (identity) return <Of key={identity.token} identity={identity} />;
  return (
    <>
      <div class="page-head">
        <h1>{say.title}</h1>
      </div>
      <section class="notice">
        <p>{say.nobody}</p>
        <p>
          <a class="button button-main" href="/run">
            {nobody.start}
          </a>
        </p>
      </section>
    </>
  );
}

function Of({ identity }: { identity: Identity }) {
  const { certificate: say, loading } = belonging().me;
  const { value: me, error, refresh } = useMe(identity);
  return (
    <>
      <div class="page-head no-print">
        <h1>{say.title}</h1>
        <p class="actions">
          {me && me.accepted.credit > 0 && (
            <button type="button" class="button button-main" onClick={() => print()}>
              {say.print}
            </button>
          )}
          <a href="/me">{say.back}</a>
        </p>
      </div>
      {!me && (error ? <Unfetched error={error} onRetry={refresh} /> : <Wait words={loading} />)}
      {me && (me.accepted.credit > 0 ? <Sheet me={me} /> : <p>{say.nothing}</p>)}
    </>
  );
}

/** So many sweeps fit on a sheet. */
const SWEEPS_MAX = 12;

function Sheet({ me }: { me: MeReply }) {
  const say = belonging().me.certificate;
  const { accepted, sweeps, team } = me;
  const worked = sweeps.filter(({ credit }) => credit > 0);
  const named = worked.slice(0, SWEEPS_MAX);
  const what = accepted.runs === 0 ? say.partsOnly : say.runsOf(amount(accepted.runs), accepted.runs === 1);
  return (
    <article class="certificate" aria-labelledby="certificate">
      <p class="certificate-of">Tabgrad</p>
      <h2 id="certificate">{say.heading}</h2>
      <p>{say.to}</p>
      <p class="certificate-name">{nameOf(me)}</p>
      <p>{say.did(what)}</p>
      <Facts
        facts={[
          [say.runs, amount(accepted.runs)],
          [say.credit, `${amount(accepted.credit)} (${flops(accepted.credit * FLOPS_PER_CREDIT)})`],
          [say.since, dayOf(me.createdAtMs)],
          [say.date, dayOf(Date.now())],
          ...(team ? [[say.team, team.name] as const] : []),
        ]}
      />
      <h3>{say.sweeps}</h3>
      <ul class="certificate-sweeps">
        {named.map(({ sweepId, title, runs, credit }) => (
          <li key={sweepId}>
            <a href={`/sweeps/${sweepId}`} lang="en">
              {title}
            </a>
            , {say.ofSweep(amount(runs), amount(credit))}
            <span class="small certificate-url">{`${location.origin}/sweeps/${sweepId}`}</span>
          </li>
        ))}
      </ul>
      {worked.length > named.length && (
        <p class="small">{say.andMore(amount(worked.length - named.length))}</p>
      )}
      <div class="certificate-foot small">
        <p>{say.creditMeans(flops(FLOPS_PER_CREDIT))}</p>
        <p>{say.accepted}</p>
        <p>{say.check(displayName(me))}</p>
        <p>
          {say.number}: <code class="digest">{me.volunteerId}</code>
        </p>
      </div>
    </article>
  );
}
