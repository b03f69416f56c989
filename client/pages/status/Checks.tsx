import type { StatusReply } from '../../../shared/protocol.ts';
import { isOverdue, recentProblems } from '../../checks.ts';
import { ScrollBox } from '../../components/ScrollBox.tsx';
import { ago, amount, duration, momentOf } from '../../format.ts';
import { promiseOf } from './promises.ts';

type Audits = StatusReply['audits'];

/** The hourly checks of what is stored against the promises: the verdict first, then each of them. */
export function Checks({ audits }: { audits: Audits }) {
  const now = Date.now();
  const problems = recentProblems(audits, now);
  const [newest] = audits;
  return (
    <section aria-labelledby="checks">
      <h2 id="checks">Are the promises kept?</h2>
      <div class={problems.length > 0 ? 'notice notice-failure' : 'notice'} role="status">
        <p>
          <strong>{verdict(newest && ago(newest.atMs, now), problems.length)}</strong>
        </p>
        {problems.length > 0 && <Problems problems={problems} />}
        {isOverdue(audits, now) && (
          <p class="problem-words">
            One is due every hour; the last one ran {newest && ago(newest.atMs, now)}.
          </p>
        )}
      </div>
      <p class="small">
        Once an hour the server holds what it has stored against the <a href="#promises">promises</a>: logs,
        results, credit, and some of the curves, whose digests it computes again. It takes those sweeps first
        whose last check is longest ago, so not every check sees every sweep.
      </p>
      {audits.length > 0 && <CheckTable audits={audits} />}
    </section>
  );
}

function verdict(when: string | undefined, problems: number): string {
  if (when === undefined)
    return 'Nobody has looked yet: the first check runs within an hour of the server’s start.';
  if (problems === 0) return `Yes, as far as the last check saw, ${when}.`;
  const found = problems === 1 ? 'a problem' : `${amount(problems)} problems`;
  return `Not as it should be: the checks of the last day found ${found}.`;
}

function Problems({ problems }: { problems: ReturnType<typeof recentProblems> }) {
  return (
    <ul class="problems">
      {problems.map(({ words, atMs }) => {
        const promise = promiseOf(words);
        return (
          <li key={words}>
            {words}, {ago(atMs, Date.now())}
            {promise && (
              <>
                {' '}
                (<a href={`#${promise.toLowerCase()}`}>what {promise} promises</a>)
              </>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function CheckTable({ audits }: { audits: Audits }) {
  return (
    <ScrollBox label="Table of checks" isTall={audits.length > 12}>
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">check</th>
            <th scope="col">took</th>
            <th scope="col">sweeps</th>
            <th scope="col">runs</th>
            <th scope="col">curves</th>
            <th scope="col" class="is-words">
              found
            </th>
          </tr>
        </thead>
        <tbody>
          {audits.map(({ atMs, tookMs, checked, problems }) => (
            <tr key={atMs}>
              <th scope="row">
                <time dateTime={new Date(atMs).toISOString()}>{momentOf(atMs)}</time>
              </th>
              <td>{duration(tookMs)}</td>
              <td>{amount(checked.sweeps)}</td>
              <td>{amount(checked.runs)}</td>
              <td>{amount(checked.curves)}</td>
              <td class="is-words is-sentence">
                {problems.length === 0 ? (
                  'nothing broken'
                ) : (
                  <strong class="problem-words">{problems.join('; ')}</strong>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
