// Numbers, names and engines in the words of the page. "Not yet" is always said as "> last step": never blank, never the
// last step itself. Examples are in English.

import type { CellAggregate } from '../shared/measures/aggregate.ts';
import type { Milestones } from '../shared/measures/milestones.ts';
import type { RunSummary } from '../shared/protocol.ts';
import type { EngineChoice, EngineTrial, RunInHand } from './engine/messages.ts';
import { pageWords } from './words/index.ts';

const said = () => pageWords().format;

const grouped = new Map<string, Intl.NumberFormat>();

function groupedIn(locale: string): Intl.NumberFormat {
  const known = grouped.get(locale);
  if (known) return known;
  const made = new Intl.NumberFormat(locale, { useGrouping: 'min2', maximumFractionDigits: 1 });
  grouped.set(locale, made);
  return made;
}

/** A count or a step: "1500", "12,500", "502.5". */
export const amount = (n: number): string => groupedIn(said().locale).format(n);

const withMark = (digits: string): string => digits.replace('.', said().decimalMark);

/** A step that may not have been reached by `lastStep`: "502" or "> 1500". */
export const reached = (step: number | null, lastStep: number): string =>
  step === null ? `> ${amount(lastStep)}` : amount(step);

type Milestone = 'tMem' | 'tGen';

const eventsOf = (a: CellAggregate, of: Milestone) => (of === 'tGen' ? a.generalised : a.memorised);

/** More than half of the runs ended by diverging: what is not reached then never will be, and is not just later. */
const isMostlyDiverged = ({ diverged, n }: CellAggregate) => 2 * diverged > n;

/**
 * The median of a cell: "502"; "≥ 1524" where exactly half of the runs reached it, so that the median lies anywhere
 * from there on; "> 1500" where fewer did; "diverged" where most runs did.
 */
export function median(a: CellAggregate, of: Milestone): string {
  if (a.n === 0) return '–';
  const step = a[of].median;
  if (step === null) return isMostlyDiverged(a) ? said().diverged : reached(null, a.lastStep);
  return 2 * eventsOf(a, of) === a.n ? `≥ ${amount(step)}` : amount(step);
}

/**
 * The 95 % interval of a median: "420 to 610", "420 to ∞" without an upper end, "> 1500" where even its lower end was
 * not reached, "–" where there are too few runs for one.
 */
export function interval(a: CellAggregate, of: Milestone = 'tGen'): string {
  const { lower, upper, median: step } = a[of];
  if (lower !== null) return said().span(amount(lower), upper === null ? '∞' : amount(upper));
  return step !== null || a.n < 2 || isMostlyDiverged(a) ? '–' : reached(null, a.lastStep);
}

/** A milestone of one run: "502", "> 1500", or "diverged at 3", since a run that diverged is not just later. */
export function milestone(
  m: Pick<Milestones, Milestone | 'divergedAt'>,
  of: Milestone,
  lastStep: number,
): string {
  if (m[of] === null && m.divergedAt !== null) return said().divergedAt(amount(m.divergedAt));
  return reached(m[of], lastStep);
}

const inTwoDigits = (n: number): string =>
  withMark(String(n >= 100 ? Math.round(n) : Number(n.toPrecision(2))));

/** Milliseconds in two digits, or whole: "4.3", "170". */
export const milliseconds = (ms: number): string => inTwoDigits(ms);

/** "7 of 8". */
export const share = (part: number, whole: number): string => said().share(amount(part), amount(whole));

/** 0.9532 -> "95.3 %"; "–" where nothing was measured. */
export const percent = (x: number | null): string =>
  x === null ? '–' : `${withMark((100 * x).toFixed(1))} %`;

/** The smallest and the largest tGen that were seen, and that others are later, or never: "380 to > 1500". */
export function range({
  tGenMin,
  tGenMax,
  generalised,
  diverged,
  censored,
  n,
  lastStep,
}: CellAggregate): string {
  if (n === 0) return '–';
  const open = diverged > 0 && censored === 0 ? said().never : reached(null, lastStep);
  if (tGenMin === null || tGenMax === null) return open;
  const last = generalised < n ? open : amount(tGenMax);
  return tGenMin === tGenMax && generalised === n ? amount(tGenMin) : said().span(amount(tGenMin), last);
}

/** What the picture of a run shows, for those who hear it instead. */
export function curveSentence(run: RunSummary, lastStep: number): string {
  const { curve, never, states } = said();
  const start = curve.start(run.index);
  if (!run.milestones) return `${start}: ${states[run.state]}.`;
  const { tMem, tGen, divergedAt } = run.milestones;
  const at = (step: number | null) =>
    step === null && divergedAt !== null ? never : curve.atStep(reached(step, lastStep));
  const diverged = divergedAt === null ? '' : curve.divergedAt(amount(divergedAt));
  return `${start}: ${curve.reached(at(tMem), at(tGen))}${diverged}.`;
}

const scaled = (n: number, units: readonly (readonly [number, string])[]): string => {
  const [size, unit] = units.find(([from]) => n >= from) ?? units.at(-1)!;
  return `${inTwoDigits(n / size)} ${unit}`;
};

/** Floating-point operations: "310 GFLOP". */
export const flops = (n: number): string =>
  scaled(n, [
    [1e18, 'EFLOP'],
    [1e15, 'PFLOP'],
    [1e12, 'TFLOP'],
    [1e9, 'GFLOP'],
    [1e6, 'MFLOP'],
    [1e3, 'kFLOP'],
    [1, 'FLOP'],
  ]);

/** A size: "18 MB". */
export const bytes = (n: number): string =>
  scaled(n, [
    [1e9, 'GB'],
    [1e6, 'MB'],
    [1e3, 'kB'],
    [1, said().bytes],
  ]);

/** How long something takes: "1.5 ms", "2.3 s", "14 min", "3.2 h". */
export const duration = (ms: number): string =>
  scaled(ms, [
    [48 * 3_600_000, 'h'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1000, 's'],
    [1, 'ms'],
  ]);

/** "just now", "14 minutes ago", "3 days ago". */
export function ago(atMs: number, nowMs: number): string {
  const seconds = Math.max(0, (nowMs - atMs) / 1000);
  const { justNow, minutesAgo, hoursAgo, daysAgo } = said();
  if (seconds < 60) return justNow;
  if (seconds < 3600) return minutesAgo(Math.floor(seconds / 60));
  if (seconds < 86_400) return hoursAgo(Math.floor(seconds / 3600));
  return daysAgo(Math.floor(seconds / 86_400));
}

export function engineName(name: string): string {
  if (name === 'webgpu') return 'WebGPU';
  const { engines } = said();
  return Object.hasOwn(engines, name) ? engines[name as keyof typeof engines] : name;
}

/** "0.8 ms per step and run, 16 runs at once". */
export const rateWords = ({ msPerStep, replicas }: { msPerStep: number; replicas: number }): string =>
  said().rate(milliseconds(msPerStep)) + (replicas > 1 ? said().runsAtOnce(amount(replicas)) : '');

const best = ({ rates }: EngineTrial) =>
  rates.reduce<EngineTrial['rates'][number] | null>(
    (least, rate) => (least && least.msPerStep <= rate.msPerStep ? least : rate),
    null,
  );

/** How one engine did: "wasm: 1.1 ms per step and run" or why it cannot be used. */
export function trialWords(trial: EngineTrial): string {
  const rate = best(trial);
  const how = rate ? rateWords(rate) : (trial.problem ?? said().notTried);
  return `${engineName(trial.name)}: ${how}`;
}

/** Which engine is used and why: "WebGPU on Apple M2: 0.8 ms per step and run, 16 runs at once; wasm would take 1.1 ms". */
export function choiceWords({ engine, device, msPerStep, replicas, trials }: EngineChoice): string {
  const others = trials.filter(({ name }) => name !== engine);
  const slower = others.map((trial) => {
    const rate = best(trial);
    return rate ? said().slower(engineName(trial.name), milliseconds(rate.msPerStep)) : '';
  });
  const missing = others.map(({ name, problem }) =>
    problem === null ? '' : said().notUsed(engineName(name), problem),
  );
  const chosen = said().chosen(engineName(engine), device, rateWords({ msPerStep, replicas }));
  return `${chosen}${slower.join('')}${missing.join('')}`;
}

const date = (ms: number, options: Intl.DateTimeFormatOptions): string =>
  new Date(ms).toLocaleString(said().dateLocale, options);

/** "22 November 2026", in the reader's time zone, as all of these. */
export const dayOf = (ms: number): string => date(ms, { dateStyle: 'long' });

/** "22 November 2026, 12:15". */
export const momentOf = (ms: number): string => `${dayOf(ms)}, ${date(ms, { timeStyle: 'short' })}`;

/** "12:15:28". */
export const timeOf = (ms: number): string => date(ms, { timeStyle: 'medium' });

/** "1 run", "16 runs". */
export const runsWords = (n: number): string => said().runs(n, amount(n));

const RANGES_TOLD = 6;

/** Ascending numbers as ranges: "0 to 7, 12"; of very many ranges the first few. */
export function rangesWords(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const n of numbers) {
    const last = ranges.at(-1);
    if (last && n === last[1] + 1) last[1] = n;
    else ranges.push([n, n]);
  }
  const told = ranges
    .slice(0, RANGES_TOLD)
    .map(([from, to]) => (from === to ? `${from}` : said().span(`${from}`, `${to}`)));
  const rest = ranges.length - told.length;
  return `${told.join(', ')}${rest > 0 ? said().moreRanges(amount(rest)) : ''}`;
}

/** "finished in 3 segments", "waiting, handed over at step 3000": a run's state, and how it got on before. */
export function stateWords({
  state,
  step,
  segments,
}: Pick<RunSummary, 'state' | 'step' | 'segments'>): string {
  const { states, finishedIn, gotTo, handedOverAt } = said();
  if (state === 'finished') return segments > 1 ? finishedIn(amount(segments)) : states[state];
  if (!step) return states[state];
  const isOver = state === 'failed' || state === 'cancelled';
  return `${states[state]}, ${(isOver ? gotTo : handedOverAt)(amount(step))}`;
}

const CELLS_TOLD = 4;

/** What is trained together, cell by cell: "weight decay 1.5, seeds 0 to 7; weight decay 3, seed 0". */
export function groupWords(runs: readonly Pick<RunInHand, 'label' | 'seed'>[]): string {
  const cells = [...Map.groupBy(runs, ({ label }) => label)];
  const told = cells
    .slice(0, cells.length > CELLS_TOLD ? CELLS_TOLD - 1 : CELLS_TOLD)
    .map(([label, of]) => `${label}, ${seedWords(of.map(({ seed }) => seed))}`);
  const rest = cells.length - told.length;
  return [...told, ...(rest > 0 ? [said().otherCells(amount(rest))] : [])].join('; ');
}

function seedWords(seeds: readonly number[]): string {
  if (seeds.length === 1) return said().seed(seeds[0] as number);
  return said().seeds(rangesWords([...seeds].sort((a, b) => a - b)));
}
