import { useMemo } from 'preact/hooks';
import { asBand, asLines, type CellInHand, linesOf } from '../../components/show/live-curves.ts';
import type { GroupInHand } from '../../engine/messages.ts';
import { runsWords } from '../../format.ts';
import { presentOf } from '../../live-part.ts';
import type { RunPlotProps } from '../../plots/RunPlot.tsx';
import type { Metric } from '../../plots/run-chart.ts';
import { milestonesSoFar, type SessionState } from '../../session-state.ts';
import { words } from '../../words/index.ts';
import { lending } from '../../words/lending.ts';

/** What the curve shows of the runs in hand: a cell of them as a band, or each by itself. */
export function useLivePlot(
  { points, place }: SessionState,
  group: GroupInHand,
  { metric, shown }: { metric: Metric; shown: CellInHand | null },
): RunPlotProps {
  const { from, steps } = presentOf(group, place?.step ?? 0);
  const lines = useMemo(
    () => linesOf(points, metric, { from, runs: group.runs.length }),
    [points, metric, group, from],
  );
  const flags = useMemo(
    () => group.runs.map((_, replica) => milestonesSoFar({ group, points, place }, replica)),
    [points, group, from],
  );
  const drawn = useMemo(
    () => (shown ? asBand(lines, flags, shown) : asLines(lines, flags)),
    [lines, flags, shown],
  );
  const said = lending().run;
  const [first] = group.runs;
  const which = shown
    ? `${runsWords(shown.places.length)} (${shown.label})`
    : first
      ? said.bold(first.run, first.label, first.seed)
      : '';
  const label = said.curve(words().plot.metrics[metric], which);
  return { ...drawn, metric, lastStep: steps, threshold: group.threshold, label };
}
