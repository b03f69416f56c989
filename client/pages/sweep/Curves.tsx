import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { CurveReply } from '../../../shared/protocol.ts';
import { cellWords } from '../../../shared/spec/words.ts';
import { MineMark } from '../../components/Mine.tsx';
import { Swatch } from '../../components/Swatch.tsx';
import { amount, milestone, runsWords } from '../../format.ts';
import { SweepPlot } from '../../plots/SweepPlot.tsx';
import type { OwnRun, SweepLine } from '../../plots/sweep-canvas.ts';
import { CELL_COLOURS, cellColour } from '../../plots/theme.ts';
import { judgedPart, partOf } from '../curve-part.ts';
import { isOver, type SweepData } from './sweep-data.ts';

interface CurvesProps {
  data: SweepData;
  paths: readonly string[];
  picked: number | null;
  /** Null: each cell has its own, so no line is drawn. */
  threshold: number | null;
  /** The reader's own runs, to be marked. */
  mine: ReadonlySet<number>;
  /** The threshold's control, beside the figure it moves. */
  children: ComponentChildren;
}

/** All curves, and the one pointed at: by pointer on the canvas, or by keyboard on the slider. */
export function Curves({ data, paths, picked, threshold, mine, children }: CurvesProps) {
  const [showTrain, setShowTrain] = useState(true);
  const [showLive, setShowLive] = useState(true);
  const [run, setRun] = useState<number | null>(null);
  const all = useMemo(() => linesOf(data), [data]);
  const lines = useMemo(() => (showLive ? all : all.filter((one) => !one.isLive)), [all, showLive]);
  const shown = picked === null ? lines : lines.filter(({ cell }) => cell === picked);
  const own = useMemo(() => ownRuns(lines, data, mine), [lines, data, mine]);
  const line = shown.find((l) => l.run === run);
  const pointed = useMemo(
    () => (line ? { line, tGen: data.runs[line.run]?.milestones?.tGen ?? null } : null),
    [line, data],
  );
  if (all.length === 0) {
    return (
      <section class="figure-card" aria-labelledby="curves">
        <h2 id="curves">Curves</h2>
        <p>
          {isOver(data)
            ? 'No run was finished.'
            : 'No run is finished yet. Curves appear here as they arrive.'}
        </p>
      </section>
    );
  }
  const lastStep = Math.max(...data.cells.map(({ aggregate }) => aggregate.lastStep), 1);
  return (
    <section class="figure-card" aria-labelledby="curves">
      <h2 id="curves">Every run's curve</h2>
      <p class="small">
        Test accuracy{' '}
        {data.cells.length > CELL_COLOURS
          ? 'in colours that run from the first cell to the last, shared by neighbours'
          : 'in the colour of the cell'}
        ; train accuracy faint; {runsWords(data.curves.size)} finished, nothing averaged or smoothed. Steps on
        a log axis, with step 0, before any training, set apart.
        {data.sweep.spec.programmes &&
          ' Of runs with several parts the last one is drawn, its steps counted from its beginning.'}
      </p>
      <SweepPlot
        lines={lines}
        cell={picked}
        lastStep={lastStep}
        threshold={threshold}
        showTrain={showTrain}
        own={own}
        pointed={pointed}
        onPoint={setRun}
        label={pictureWords(shown, mine)}
        height={380}
      />
      {data.live.size > 0 && <LiveKey data={data} />}
      <PointedRun data={data} paths={paths} line={line ?? null} mine={mine} />
      <div class="controls">
        <RunSlider runs={shown.map((l) => l.run)} run={run} mine={mine} onChange={setRun} />
        {children}
        <label class="check">
          <input
            type="checkbox"
            checked={showTrain}
            onChange={(e) => setShowTrain(e.currentTarget.checked)}
          />
          train curves
        </label>
        {data.live.size > 0 && (
          <label class="check">
            <input
              type="checkbox"
              checked={showLive}
              onChange={(e) => setShowLive(e.currentTarget.checked)}
            />
            unfinished curves
          </label>
        )}
      </div>
    </section>
  );
}

function linesOf({ runs, curves, live, cells }: SweepData): SweepLine[] {
  const lineOf = (curve: CurveReply, isLive: boolean): SweepLine => {
    // Of a run of several parts the last one is shown: it is what is counted.
    const { run, steps, ...values } = partOf(curve, judgedPart(curve));
    const cell = runs[run]?.cell ?? 0;
    const [train, test] = [values['train.accuracy'], values['test.accuracy']];
    return { run, cell, steps, train, test, colour: cellColour(cell, cells.length), isLive };
  };
  return [
    ...[...curves.values()].map((curve) => lineOf(curve, false)),
    ...[...live.values()].map((curve) => lineOf(curve, true)),
  ];
}

/** Where each of the reader's own curves is marked. */
const ownRuns = (lines: readonly SweepLine[], { runs }: SweepData, mine: ReadonlySet<number>): OwnRun[] =>
  lines
    .filter(({ run }) => mine.has(run))
    .map((line) => ({ line, tGen: line.isLive ? null : (runs[line.run]?.milestones?.tGen ?? null) }));

function pictureWords(lines: readonly SweepLine[], mine: ReadonlySet<number>): string {
  const live = lines.filter(({ isLive }) => isLive).length;
  const unfinished = live > 0 ? `, and of ${amount(live)} unfinished so far` : '';
  const own = lines.filter(({ run }) => mine.has(run)).length;
  const ringed = own > 0 ? `, ${amount(own)} of all these yours and marked with a ring` : '';
  return `Test accuracy of ${runsWords(lines.length - live)} over the steps${unfinished}${ringed}; the tables below hold the numbers of the finished ones.`;
}

function LiveKey({ data: { live, runs } }: Pick<CurvesProps, 'data'>) {
  const training = [...live.keys()].filter((run) => runs[run]?.state === 'training').length;
  const left = live.size - training;
  const words = [
    ...(training > 0
      ? [
          `${runsWords(training)} in training, as far as ${training === 1 ? 'its device has' : 'their devices have'} told`,
        ]
      : []),
    ...(left > 0 ? [`${runsWords(left)} that nobody is training now, as far as accepted`] : []),
  ];
  return (
    <p class="small">
      <span class="key key-live">Dashed: {words.join('; ')}. Not a result yet.</span>
    </p>
  );
}

function PointedRun({
  data,
  paths,
  line,
  mine,
}: Pick<CurvesProps, 'data' | 'paths' | 'mine'> & { line: SweepLine | null }) {
  const run = line && data.runs[line.run];
  const cell = line && data.cells.find((c) => c.cell === line.cell);
  if (!line || !run || !cell)
    return <p class="readout">Point at a curve, or move the slider, to see whose it is.</p>;
  const { lastStep } = cell.aggregate;
  const m = run.milestones;
  return (
    <p class="readout" aria-live="polite">
      <Swatch cell={line.cell} cells={data.cells.length} />
      <a href={`/sweeps/${data.sweep.id}/runs/${run.index}`}>run {run.index}</a>
      {mine.has(run.index) && <MineMark words="yours" />}
      <span>
        {cellWords(paths, cell.values)}, seed {run.seed}
      </span>
      {line.isLive ? (
        <span>
          {run.state === 'training' ? 'in training, told' : `${run.state}, accepted`} up to step{' '}
          {amount(line.steps.at(-1) ?? 0)}; not a result yet
        </span>
      ) : (
        <>
          <span>
            tMem <b>{m ? milestone(m, 'tMem', lastStep) : '–'}</b>
          </span>
          <span>
            tGen <b>{m ? milestone(m, 'tGen', lastStep) : '–'}</b>
          </span>
        </>
      )}
    </p>
  );
}

interface RunSliderProps {
  runs: readonly number[];
  run: number | null;
  mine: ReadonlySet<number>;
  onChange: (run: number) => void;
}

function RunSlider({ runs, run, mine, onChange }: RunSliderProps) {
  const at = run === null ? 0 : Math.max(0, runs.indexOf(run));
  return (
    <div class="slider">
      <label for="run-slider">Run {run === null ? '' : <output>{runs[at]}</output>}</label>
      <input
        id="run-slider"
        type="range"
        min={0}
        max={Math.max(0, runs.length - 1)}
        value={at}
        aria-valuetext={
          run === null ? 'none pointed at' : `run ${runs[at]}${mine.has(runs[at] as number) ? ', yours' : ''}`
        }
        onInput={(e) => onChange(runs[Number(e.currentTarget.value)] as number)}
      />
    </div>
  );
}
