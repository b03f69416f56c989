import { useCallback, useContext, useMemo, useState } from 'preact/hooks';
import { SUSTAINED_EVALUATIONS } from '../../../shared/measures/milestones.ts';
import { Bar } from '../../components/Bar.tsx';
import { deviceWords } from '../../components/device-words.ts';
import { Facts } from '../../components/Facts.tsx';
import { MetricChoice } from '../../components/MetricChoice.tsx';
import { type CellInHand, cellsOf, countOf } from '../../components/show/live-curves.ts';
import { PopOut } from '../../components/show/PopOut.tsx';
import { Segments } from '../../components/show/Segments.tsx';
import type { GroupInHand } from '../../engine/messages.ts';
import { amount, groupWords, milliseconds, percent, runsWords, share } from '../../format.ts';
import { presentOf } from '../../live-part.ts';
import { RunPlot, type RunPlotProps } from '../../plots/RunPlot.tsx';
import type { Metric } from '../../plots/run-chart.ts';
import { SessionContext } from '../../session-here.ts';
import { engineInHand, reachedWords, type SessionState, takenUpWords } from '../../session-state.ts';
import { lending } from '../../words/lending.ts';
import { LazyShow } from './LazyShow.tsx';
import { useLivePlot } from './use-live-plot.ts';

type Form = 'lines' | 'band';

/** A shorter look at how busy the device is says nothing. */
const LOOKED_MS = 1000;

/** The runs in hand: what they are a part of, their curves as they grow, how fast it goes, and a look inside. */
export function LiveRun({ state }: { state: SessionState }) {
  const { group } = state;
  const said = lending().run;
  if (!group?.runs[0]) return <p class="live-phase">{state.words || said.starting}</p>;
  return <LiveGroup state={state} group={group} />;
}

function LiveGroup({ state, group }: { state: SessionState; group: GroupInHand }) {
  const [metric, setMetric] = useState<Metric>('accuracy');
  const [form, setForm] = useState<Form>('lines');
  const [cell, setCell] = useState<number | null>(null);
  const cells = useMemo(() => cellsOf(group), [group]);
  const banded = form === 'band' && group.runs.length > 1;
  const shown = banded ? (cells.find((one) => one.cell === cell) ?? (cells[0] as CellInHand)) : null;
  const plot = useLivePlot(state, group, { metric, shown });
  const { part } = presentOf(group, state.place?.step ?? 0);
  const takenUp = takenUpWords(state);
  const { run: said, show } = lending();
  return (
    <>
      <div class="figure-head">
        <Heading group={group} />
        <div class="choices">
          {group.runs.length > 1 && (
            <Segments
              name="form"
              legend={show.form.legend}
              of={{ lines: show.form.lines, band: show.form.band }}
              value={form}
              onChange={setForm}
            />
          )}
          <MetricChoice metric={metric} onChange={setMetric} />
          <PopOut>
            <RunPlot {...plot} height={200} />
            <Steps state={state} group={group} />
          </PopOut>
        </div>
      </div>
      {part && <p>{said.part(capital(part.name), part.words)}</p>}
      {shown && cells.length > 1 && <CellSelect cells={cells} value={shown.cell} onChange={setCell} />}
      <RunPlot {...plot} height={360} />
      <p class="small">
        {shown ? show.band(runsWords(shown.places.length), shown.label) : <SeedLine group={group} />}
      </p>
      {takenUp && <p class="small">{takenUp}</p>}
      <Steps state={state} group={group} />
      {state.phase !== 'training' && !state.rest && state.words && <p>{state.words}.</p>}
      <div class="run-facts">
        <LiveFacts state={state} group={group} plot={plot} />
      </div>
      <p class="small">{said.milestones(percent(group.threshold), amount(SUSTAINED_EVALUATIONS))}</p>
      <Inside state={state} group={group} />
    </>
  );
}

function LiveFacts({ state, group, plot }: { state: SessionState; group: GroupInHand; plot: RunPlotProps }) {
  const { facts, phases, last, shareOver } = lending().run;
  const marks = plot.marks ?? [];
  const reached = (name: 'tMem' | 'tGen') =>
    plot.band ? share(countOf(marks, name), marks.length) : reachedWords(state, name);
  const { busy, status, phase, msPerStep } = state;
  return (
    <Facts
      facts={[
        [facts.now, status === 'finishing' ? last : phases[phase ?? 'starting']],
        [facts.tMem, reached('tMem')],
        [facts.tGen, reached('tGen')],
        [facts.pace, msPerStep === null ? '–' : milliseconds(msPerStep)],
        [facts.together, amount(group.runs.length)],
        ...(busy && busy.overMs >= LOOKED_MS
          ? [[facts.share, shareOver(Math.round(100 * busy.share), Math.round(busy.overMs / 1000))] as const]
          : []),
        [facts.engine, engineInHand(state) ?? '–'],
        [facts.device, deviceWords(group.device)],
      ]}
    />
  );
}

function Steps({ state, group }: { state: SessionState; group: GroupInHand }) {
  const { step, steps, part } = presentOf(group, state.place?.step ?? 0);
  const said = lending().run;
  const name = part ? 'part' : group.runs.length === 1 ? 'one' : 'many';
  const told = said.stepOf(amount(step), amount(steps));
  return (
    <Bar label={said.steps[name]} value={step} max={steps} words={part ? `${told}, ${part.name}` : told} />
  );
}

function Heading({ group: { runs, sweepId, sweepRuns, title } }: { group: GroupInHand }) {
  const said = lending().run;
  const all = amount(sweepRuns);
  return (
    <div>
      <p class="eyebrow">
        {runs.length === 1 ? said.oneOf(runs[0]?.run ?? 0, all) : said.manyOf(runsWords(runs.length), all)}
        <a href={`/sweeps/${sweepId}`}>{title}</a>
      </p>
      <h2>{groupWords(runs)}</h2>
    </div>
  );
}

/** "This is seed 7 of cell (weight decay 1, fraction 0.3), run 55 of the sweep.", each with its page. */
function SeedLine({ group }: { group: GroupInHand }) {
  const [first] = group.runs;
  if (!first) return null;
  const { seedOf, boldIs, lines } = lending().show;
  const others = group.runs.length - 1;
  const [before, link, after] = (others > 0 ? boldIs : seedOf)(first.run, first.seed, first.label);
  return (
    <>
      {before}
      <a href={`/sweeps/${group.sweepId}/runs/${first.run}`}>{link}</a>
      {after} {others > 0 && lines(amount(others), others === 1)}
    </>
  );
}

interface CellSelectProps {
  cells: readonly CellInHand[];
  value: number;
  onChange: (cell: number) => void;
}

function CellSelect({ cells, value, onChange }: CellSelectProps) {
  return (
    <label class="field">
      {lending().show.cell}
      <select value={value} onChange={(event) => onChange(Number(event.currentTarget.value))}>
        {cells.map(({ cell, label, places }) => (
          <option key={cell} value={cell}>
            {label} ({runsWords(places.length)})
          </option>
        ))}
      </select>
    </label>
  );
}

function Inside({ state: { view, isInHand, status }, group }: { state: SessionState; group: GroupInHand }) {
  const session = useContext(SessionContext);
  const want = useCallback((isWanted: boolean) => session?.wantShow(isWanted), [session]);
  // Until the first look at the next run that at the last one stays, so that the page does not jump.
  const shown = view?.sweepId === group.sweepId ? view : null;
  return <LazyShow view={shown} isTraining={isInHand && status !== 'off'} onWant={want} />;
}

const capital = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
