import { useEffect, useMemo, useState } from 'preact/hooks';
import { cellWords } from '../../../shared/spec/words.ts';
import { CellTable } from '../../components/CellTable.tsx';
import { Claim } from '../../components/Claim.tsx';
import { MineSwitch } from '../../components/Mine.tsx';
import { Programme } from '../../components/Programme.tsx';
import { Progress } from '../../components/Progress.tsx';
import { RunTable } from '../../components/RunTable.tsx';
import { ThresholdControl } from '../../components/ThresholdControl.tsx';
import { ago, amount, flops, momentOf, runsWords } from '../../format.ts';
import { ComparisonPanel } from './ComparisonPanel.tsx';
import { Curves } from './Curves.tsx';
import { DataPanel } from './DataPanel.tsx';
import { GivenUp } from './GivenUp.tsx';
import { ModeBanner } from './ModeBanner.tsx';
import { PhaseDiagram } from './PhaseDiagram.tsx';
import { ResearcherPanel } from './ResearcherPanel.tsx';
import { SpecPanel } from './SpecPanel.tsx';
import {
  asWatched,
  atThreshold,
  finalAccuracies,
  isOver,
  registeredThresholds,
  type SweepData,
  thresholdOf,
} from './sweep-data.ts';
import { markedByCell, useMine } from './use-mine.ts';

/** A sweep: heat map first, then curves, then numbers, then how to repeat it. */
export function SweepView({ data, onChanged }: { data: SweepData; onChanged: () => void }) {
  const [threshold, setThreshold] = useState<number | null>(null);
  const [picked, setPicked] = useState<number | null>(null);
  const shown = useMemo(() => (threshold === null ? data : atThreshold(data, threshold)), [data, threshold]);
  const watched = useMemo(() => asWatched(shown), [shown]);
  const finals = useMemo(() => finalAccuracies(data), [data]);
  const cells = useMemo(() => new Map(shown.cells.map((cell) => [cell.cell, cell])), [shown]);
  const { sweep } = shown;
  const mine = useMine(sweep.id, isOver(data));
  useEffect(() => {
    // A link to a part of this page was followed before the part was there.
    if (location.hash === '#curves') document.getElementById('curves')?.scrollIntoView();
  }, []);
  const paths = sweep.axes.map(({ path }) => path);
  const cell = picked === null ? undefined : cells.get(picked);
  const registered = registeredThresholds(data);
  const own = cell ? thresholdOf(data, cell) : registered.length === 1 ? (registered[0] as number) : null;
  const runs = picked === null ? shown.runs : shown.runs.filter((run) => run.cell === picked);
  return (
    <>
      <Head data={data} />
      {sweep.spec.about && <Claim about={sweep.spec.about} />}
      {mine.count > 0 && (
        <MineSwitch own={mine.count} all={sweep.runs} isShown={mine.isShown} onShow={mine.show} />
      )}
      <PhaseDiagram
        data={watched}
        paths={paths}
        picked={picked}
        mine={mine.marked}
        onPick={(c) => setPicked(c === picked ? null : c)}
      />
      {cell && (
        <p class="picked" role="status">
          Only {cellWords(paths, cell.values)} is brought out below.{' '}
          <button type="button" class="link" onClick={() => setPicked(null)}>
            Show all cells alike
          </button>
        </p>
      )}
      <Curves data={shown} paths={paths} picked={picked} threshold={threshold ?? own} mine={mine.marked}>
        <ThresholdControl registered={registered} value={threshold} onChange={setThreshold} />
      </Curves>
      <section aria-labelledby="cells">
        <h2 id="cells">Cells</h2>
        {threshold !== null && <p class="marked">Derived at threshold {threshold}, not as registered.</p>}
        <p class="small">
          Medians are Kaplan-Meier estimates over all n finished runs of a cell, with their 95 % interval.
          “&gt;” means not reached by that step, “≥” that exactly half reached it there; ∞ that the runs set
          the interval no upper end. A run that its programme stopped without generalising counts as not
          generalising, and “&gt;” tells how long it was watched.
        </p>
        <CellTable
          paths={paths}
          cells={watched.cells}
          finals={finals}
          picked={picked}
          own={markedByCell(data.runs, mine.marked)}
        />
      </section>
      <ComparisonPanel data={shown} paths={paths} />
      <section aria-labelledby="runs">
        <h2 id="runs">{cell ? `Runs with ${cellWords(paths, cell.values)}` : 'Runs'}</h2>
        <RunTable sweepId={sweep.id} paths={paths} runs={runs} cells={cells} mine={mine.marked} />
      </section>
      {sweep.failed.length > 0 && <GivenUp sweepId={sweep.id} failed={sweep.failed} />}
      {sweep.spec.programmes && <Programmes programmes={sweep.spec.programmes} />}
      <DataPanel sweep={sweep} />
      <SpecPanel sweep={sweep} />
      <ResearcherPanel sweep={sweep} onChanged={onChanged} />
    </>
  );
}

function Programmes({ programmes }: { programmes: NonNullable<SweepData['sweep']['spec']['programmes']> }) {
  return (
    <section aria-labelledby="programmes">
      <h2 id="programmes">What the runs do</h2>
      {Object.entries(programmes).map(([name, phases]) => (
        <div key={name}>
          <h3>{name}</h3>
          <Programme phases={phases} />
        </div>
      ))}
    </section>
  );
}

function Head({ data: { sweep } }: { data: SweepData }) {
  const { mode } = sweep;
  const isOpen = mode === 'running' && sweep.finishedRuns + sweep.failedRuns < sweep.runs;
  return (
    <div class="page-head">
      <p class="eyebrow">
        Sweep by {sweep.researcher}, {ago(sweep.createdAtMs, Date.now())}
      </p>
      <h1>{sweep.title}</h1>
      {sweep.description && <p class="lead">{sweep.description}</p>}
      {mode !== 'running' && <ModeBanner mode={mode} />}
      <div class="head-row">
        <Progress finished={sweep.finishedRuns} failed={sweep.failedRuns} runs={sweep.runs} />
        {isOpen && (
          <a class="button button-small" href={`/run?sweep=${sweep.id}`}>
            Lend this device to this sweep
          </a>
        )}
      </div>
      {sweep.grownAtMs !== null && (
        <p class="small">
          Posted with {runsWords(sweep.postedRuns)}; runs were added later, last on{' '}
          {momentOf(sweep.grownAtMs)}.
        </p>
      )}
      <p class="small">
        {amount(sweep.cells)} {sweep.cells === 1 ? 'cell' : 'cells'}, {flops(sweep.flops)} in all
        {sweep.trainingRuns > 0 && (
          <>
            , <strong>{amount(sweep.trainingRuns)}</strong> {sweep.trainingRuns === 1 ? 'run' : 'runs'}{' '}
            training now
          </>
        )}
      </p>
    </div>
  );
}
