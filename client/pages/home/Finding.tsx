import { useEffect } from 'preact/hooks';
import type { HomeReply } from '../../../shared/protocol.ts';
import { getRun } from '../../api.ts';
import { ago, amount, interval, median, share } from '../../format.ts';
import { loadRunChart } from '../../plots/RunPlot.tsx';
import { words } from '../../words/index.ts';
import { useFetched } from '../use-fetched.ts';
import { Replay } from './Replay.tsx';

type FindingReply = NonNullable<HomeReply['finding']>;

interface FindingProps {
  finding: FindingReply;
  /** Whether to play its run: not where another curve grows already. */
  isPlayed: boolean;
}

/** The cell completed last: what was found, and one of its runs played again. */
export function Finding({ finding, isPlayed }: FindingProps) {
  const { aggregate: a, sweepId, label, title, completedAtMs } = finding;
  const say = words().home;
  const run = isPlayed ? finding.run : null;
  const { value: reply } = useFetched(`${sweepId}/${run}`, (signal) =>
    run === null ? Promise.resolve(null) : getRun(sweepId, run, signal),
  );
  useEffect(() => {
    // The plot says so itself where this fails.
    if (run !== null) loadRunChart().catch(() => undefined);
  }, [run]);
  return (
    <figure class="figure-card finding">
      <figcaption>
        <p class="eyebrow">{say.newest(ago(completedAtMs, Date.now()))}</p>
        <h2>{say.generalised(label, share(a.generalised, a.n))}</h2>
        <p>
          {say.median} <strong>{median(a, 'tGen')}</strong> {say.steps}
          {a.tGen.lower !== null && say.interval(interval(a))}
          {say.n(amount(a.n))} <a href={`/sweeps/${sweepId}`}>{title}</a>
        </p>
      </figcaption>
      {reply?.curve && <Replay reply={reply} />}
    </figure>
  );
}
