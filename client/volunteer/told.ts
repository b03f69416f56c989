// What is told of the runs of a unit.

import { milestones } from '../../shared/measures/milestones.ts';
import { phaseWords } from '../../shared/spec/phase-words.ts';
import type { RunConfig } from '../../shared/spec/schema.ts';
import { cellValues, type Run, type Sweep } from '../../shared/spec/sweep.ts';
import { timelineOf } from '../../shared/spec/timeline.ts';
import { cellWords } from '../../shared/spec/words.ts';
import type { Lease } from '../../shared/work.ts';
import type { EngineInUse } from '../engine/choose.ts';
import type { GroupInHand, HandedOver, LivePart, TrainedSummary } from '../engine/messages.ts';
import { telling } from '../words/telling.ts';
import type { LeasedWork } from './prepare.ts';
import type { Begun, TrainedSegment } from './train.ts';

/** The parts of a run, each with what is done in it; none where it is trained once. */
export function livePartsOf(config: RunConfig): LivePart[] {
  const { phases, windows } = timelineOf(config);
  if (windows.length === 1) return [];
  return windows.map(({ phase, from, to }, i) => {
    const first = (windows[i - 1]?.phase ?? -1) + 1;
    const done = phases.slice(first, phase === null ? undefined : phase + 1).map(phaseWords);
    const say = telling();
    const what = [...done, ...(phase === null ? [say.look] : [])].join('; ');
    return { name: say.part(i + 1, windows.length), words: what, from, to };
  });
}

/** The runs of a group as they are shown. */
export function groupOf(
  sweep: Sweep,
  { sweepId, sweepRuns }: Lease,
  { work, from, points }: Begun & { work: readonly LeasedWork[] },
  { engine: { name, device }, because }: EngineInUse,
): GroupInHand {
  const runs = work.map(({ run }) => run);
  const { config } = runs[0] as Run;
  const parts = livePartsOf(config);
  const isFetched = work.some(({ plan, isOwn }) => plan.origin?.step === from && !isOwn);
  return {
    ...{ engine: name, device, ...(because !== undefined && { because }) },
    ...{ sweepId, sweepRuns, title: sweep.spec.title, threshold: config.threshold },
    steps: timelineOf(config).lastStep,
    ...(parts.length > 0 && { parts }),
    runs: runs.map(({ index, cell, seed }) => ({ run: index, cell, seed, label: labelOf(sweep, cell) })),
    ...{ from, points },
    keptBy: from === 0 ? null : isFetched ? 'server' : 'device',
  };
}

/** The numbers that the server counts too. */
export function summaryOf(sweep: Sweep, run: Run, { curve }: Pick<TrainedSegment, 'curve'>): TrainedSummary {
  const { index, cell, seed, config } = run;
  const timeline = timelineOf(config);
  const { tMem, tGen, censoredAt, divergedAt } = milestones(curve, config.threshold, timeline);
  const { from, to } = timeline.judged;
  const steps = censoredAt ?? (curve.stops?.at(-1) ?? to) - from;
  return { run: index, seed, label: labelOf(sweep, cell), steps, tMem, tGen, divergedAt };
}

export function partOf(sweep: Sweep, run: Run, { to }: TrainedSegment): HandedOver {
  const { index, cell, seed, config } = run;
  return { run: index, seed, label: labelOf(sweep, cell), to, steps: timelineOf(config).lastStep };
}

const labelOf = (sweep: Sweep, cell: number) =>
  cellWords(
    sweep.axes.map(({ path }) => path),
    cellValues(sweep, cell),
  );
