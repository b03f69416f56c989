// The simulator as a process of its own, for tests, soaks and replays. Prints one line of JSON at the end.
//   node test/sim/main.ts worlds FROM COUNT | seeds N ... | enumerate FIRST STRIDE | seed N [POINT ...]

import { siteNames } from './chance.ts';
import { live, type Outcome } from './world.ts';

export interface Report {
  worlds: number;
  violations: { seed: number; planned?: number[]; broken: string }[];
  nondeterministic: number[];
  events: number;
  acknowledged: number;
  /** How often each fault struck. */
  fired: Record<string, number>;
  /** Entries of the log by what they say. */
  logged: Record<string, number>;
  seconds: number;
}

/** Of every so many worlds one is lived twice. */
const TWICE_EVERY = 20;
/** Nobody reads more, and a planted bug needs one. */
const VIOLATIONS_MAX = 20;
const POINTS = 200;
const PLANNED_SEED = 1;

const newReport = (): Report => ({
  ...{ worlds: 0, violations: [], nondeterministic: [], events: 0, acknowledged: 0, seconds: 0 },
  fired: Object.fromEntries(siteNames.map((site) => [site, 0])),
  logged: {},
});

function note(report: Report, { events, acknowledged, fired, logged }: Outcome): void {
  report.worlds++;
  report.events += events;
  report.acknowledged += acknowledged;
  siteNames.forEach((site, i) => {
    report.fired[site] = (report.fired[site] as number) + (fired[i] as number);
  });
  for (const [type, times] of logged) report.logged[type] = (report.logged[type] ?? 0) + times;
}

/** A world that ends with an exception has broken a promise as well. */
async function lived(seed: number, planned?: readonly number[]): Promise<Outcome | string> {
  try {
    return await live({ seed, ...(planned ? { planned } : {}) });
  } catch (error) {
    return error instanceof Error ? `${error.stack}` : String(error);
  }
}

async function worlds(seeds: Iterable<number>): Promise<Report> {
  const report = newReport();
  for (const seed of seeds) {
    const outcome = await lived(seed);
    const broken = typeof outcome === 'string' ? outcome : outcome.broken;
    if (broken) report.violations.push({ seed, broken });
    if (report.violations.length >= enough) break;
    if (typeof outcome === 'string') continue;
    note(report, outcome);
    if (report.worlds % TWICE_EVERY > 0) continue;
    const again = await lived(seed);
    if (typeof again === 'string' || again.hash !== outcome.hash) report.nondeterministic.push(seed);
  }
  return report;
}

function* range(from: number, count: number): Generator<number> {
  for (let i = from; i < from + count; i++) yield i;
}

/** One small world, with a fault at every decision point, and at every two of them. */
async function enumerate(first: number, stride: number): Promise<Report> {
  const report = newReport();
  for (let i = first; i < POINTS; i += stride) {
    for (let j = i; j < POINTS; j++) {
      const planned = i === j ? [i] : [i, j];
      const outcome = await lived(PLANNED_SEED, planned);
      const broken = typeof outcome === 'string' ? outcome : outcome.broken;
      if (typeof outcome !== 'string') note(report, outcome);
      if (typeof outcome !== 'string' && outcome.points < POINTS)
        throw new Error(`only ${outcome.points} decision points`);
      if (broken) report.violations.push({ seed: PLANNED_SEED, planned, broken });
      if (report.violations.length >= enough) return report;
    }
  }
  return report;
}

const [command, ...rest] = process.argv.slice(2);
const enough = rest.includes('--first') ? 1 : VIOLATIONS_MAX;
const numbers = rest.filter((word: string) => !word.startsWith('-')).map(Number);
const [a = 0, b = 1] = numbers;
const started = performance.now();

async function report(): Promise<Report | Outcome | string> {
  if (command === 'worlds') return worlds(range(a, b));
  if (command === 'seeds') return worlds(numbers);
  if (command === 'enumerate') return enumerate(a, b);
  if (command === 'seed') {
    const [seed = 0, ...planned] = numbers;
    return live({ seed, say: console.log, ...(planned.length > 0 ? { planned } : {}) });
  }
  throw new Error('worlds FROM COUNT, seeds N ..., enumerate FIRST STRIDE, or seed N [POINT ...]');
}

const found = await report();
if (command === 'seed') console.log((found as Outcome).broken ?? 'every promise was kept');
else console.log(JSON.stringify({ ...(found as Report), seconds: (performance.now() - started) / 1000 }));
