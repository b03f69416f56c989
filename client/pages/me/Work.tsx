import { useState } from 'preact/hooks';
import { FLOPS_PER_CREDIT } from '../../../shared/credit.ts';
import type { MeReply } from '../../../shared/volunteers.ts';
import { Facts } from '../../components/Facts.tsx';
import { amount, flops } from '../../format.ts';
import { belonging } from '../../words/belonging.ts';
import { useFocusOn } from './use-focus-on.ts';
import { type MyRuns, type MySweep, SWEEPS_SHOWN } from './use-parts.ts';

interface WorkProps {
  me: MeReply;
  shown: readonly MySweep[];
  runs: ReadonlyMap<string, MyRuns | null>;
  onMore: () => void;
}

/** What was accepted, and where it is to be seen. */
export function Work({ me, shown, runs, onMore }: WorkProps) {
  const say = belonging().me.work;
  const { accepted, lately, sweeps } = me;
  const rest = sweeps.length - shown.length;
  const list = useFocusOn<HTMLHeadingElement>(String(rest > 0));
  return (
    <section aria-labelledby="work">
      <h2 id="work">{say.title}</h2>
      {accepted.credit === 0 ? (
        <p>
          {say.none} <a href="/run">{belonging().me.nobody.start}</a>
        </p>
      ) : (
        <>
          <Facts
            big
            facts={[
              [`${say.runs}, ${say.allTime}`, amount(accepted.runs)],
              [`${say.runs}, ${say.lately}`, amount(lately.runs)],
              [`${say.credit}, ${say.allTime}`, amount(accepted.credit)],
              [`${say.credit}, ${say.lately}`, amount(lately.credit)],
            ]}
          />
          <p class="small">
            {say.creditHelp(flops(FLOPS_PER_CREDIT), flops(accepted.credit * FLOPS_PER_CREDIT))}
          </p>
          <p>
            <a class="button" href="/certificate">
              {say.certificate}
            </a>
          </p>
        </>
      )}
      {shown.length > 0 && (
        <>
          <h3 ref={list} tabIndex={-1}>
            {say.bySweep}
          </h3>
          <ul class="my-sweeps">
            {shown.map((sweep) => (
              <SweepItem key={sweep.sweepId} sweep={sweep} runs={runs.get(sweep.sweepId)} />
            ))}
          </ul>
        </>
      )}
      {rest > 0 && (
        <p>
          <button type="button" class="button" onClick={onMore}>
            {say.more(amount(Math.min(rest, SWEEPS_SHOWN)))}
          </button>
        </p>
      )}
    </section>
  );
}

/** So many runs of a sweep are named at first. */
const RUNS_SHOWN = 24;

function SweepItem({ sweep, runs }: { sweep: MySweep; runs: MyRuns | null | undefined }) {
  const { sweepId, title, credit } = sweep;
  const [isWhole, setWhole] = useState(false);
  const next = useFocusOn<HTMLAnchorElement>(String(isWhole));
  const say = belonging().me.work;
  const finished = runs?.filter(({ isFinished }) => isFinished) ?? [];
  const named = isWhole ? finished : finished.slice(0, RUNS_SHOWN);
  return (
    <li>
      <p>
        <a href={`/sweeps/${sweepId}`} lang="en">
          {title}
        </a>
      </p>
      <p class="small">
        {say.runsOf(amount(sweep.runs), sweep.runs === 1)}, {amount(credit)} {say.credit}.{' '}
        <a href={`/sweeps/${sweepId}#curves`} aria-label={say.dotsOf(title)}>
          {say.dots}
        </a>
      </p>
      {named.length > 0 && (
        <p class="small run-list">
          {say.finishedRuns}{' '}
          {named.map(({ run }, i) => (
            <a key={run} ref={i === RUNS_SHOWN ? next : null} href={`/sweeps/${sweepId}/runs/${run}`}>
              {run}
            </a>
          ))}{' '}
          {finished.length > named.length && (
            <button type="button" class="link" onClick={() => setWhole(true)}>
              {say.more(amount(finished.length - named.length))}
            </button>
          )}
        </p>
      )}
    </li>
  );
}
