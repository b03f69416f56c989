// Which engine computes: the fastest in a benchmark of about a second on this very device.

import type { Engine, Session, Training } from '../../shared/engine/engine.ts';
import { LIMITS } from '../../shared/limits.ts';
import { RELEASE } from '../../shared/protocol.ts';
import { runCost } from '../../shared/spec/cost.ts';
import type { RunConfig } from '../../shared/spec/schema.ts';
import type { EngineChoice, EngineTrial } from './messages.ts';
import { measuredRoof } from './roof.ts';

/** The benchmark trains the smallest network of the demo sweeps. */
const BENCHMARK: RunConfig = {
  task: { kind: 'modular', op: 'add', p: 31, pairs: 'unordered', diagonal: true, trainFraction: 0.7 },
  model: { kind: 'embedding-mlp', embedding: 64, hidden: 32, activation: 'relu', combine: 'sum' },
  init: { scale: 1 },
  loss: { kind: 'cross-entropy' },
  optimizer: { kind: 'adamw', lr: 0.01, weightDecay: 1.5, betas: [0.9, 0.98], eps: 1e-8 },
  train: { steps: LIMITS.stepsMax },
  threshold: 0.95,
};

const START_MS_MAX = 15_000;
/** More replicas are tried until so much time was spent measuring: compiling, which each number does anew, is not counted. */
const CANDIDATE_MS = 800;
/** A chunk that takes so much longer than the quickest tells how long a step takes, apart from the round trip. */
const MEASURED_MS = 40;
/** So much longer is enough to see that an engine is hopeless. */
const JUDGED_MS = 20;
/** A chunk that takes this long tells it alone: no round trip is that slow. */
const ALONE_MS = 200;
const FIRST_STEPS = 2;
const GROWTH_MAX = 16;
/** Where engines that compute the same still agree to this relative difference of the training loss. */
const CHECKED_STEP = 5;
const DIFFERENCE_MAX = 1e-3;
/** So many times slower than the best even if a step took no longer with the most replicas, and no more are tried. */
const HOPELESS = 2;
/** More replicas must raise the throughput by this factor to be worth their memory. */
const WORTH_IT = 1.1;

/** An engine that cannot be used on this machine; its message says why, and what would help. */
export class Unavailable extends Error {}

export interface Candidate {
  name: string;
  /** Ascending numbers of replicas to try; only 1 unless given. */
  replicas?: readonly number[];
  /** Throws Unavailable where trying again would not help. */
  load: () => Promise<Engine>;
}

export interface EngineInUse {
  engine: Engine;
  /** How many runs it trains at once. */
  replicas: number;
  /** What the fastest engine lacks for these runs, where this is another: "webgpu has no dropout". */
  because?: string;
}

export interface Chosen {
  engine: Engine;
  choice: EngineChoice;
}

export interface Choosing {
  /** Tried in this order, all of them. */
  candidates: readonly Candidate[];
  /** Loaded and tried only where none of the candidates works. */
  fallbacks: readonly Candidate[];
  /** What the machine says it is. */
  machine: string;
}

export interface Outcome {
  /** Null where nothing works; `trials` say why. */
  chosen: Chosen | null;
  trials: EngineTrial[];
  /** Whether another benchmark would see the same: false where an engine could not be loaded or broke. */
  isLasting: boolean;
}

/** What the first engine that works found out, for the others to be held to. */
interface Standard {
  /** Milliseconds per step and run. */
  msPerStep: number;
  loss: number;
}

interface Tried {
  trial: EngineTrial;
  engine: Engine | null;
  /** Training loss after a few steps of the first seed. */
  loss: number;
  isLasting: boolean;
}

export async function chooseEngine({ candidates, fallbacks, machine }: Choosing): Promise<Outcome> {
  const tried: Tried[] = [];
  let best: { engine: Engine; rate: Rate } | null = null;
  let standard: Standard | null = null;
  for (const group of [candidates, fallbacks]) {
    if (best) break;
    for (const candidate of group) {
      const one = await attempt(candidate, standard);
      tried.push(one);
      const rate = fastest(one.trial.rates);
      if (!one.engine || !rate) continue;
      standard ??= { msPerStep: rate.msPerStep, loss: one.loss };
      if (!best || rate.msPerStep < best.rate.msPerStep) best = { engine: one.engine, rate };
    }
  }
  const trials = tried.map(({ trial }) => trial);
  const isLasting = tried.every((one) => one.isLasting);
  if (!best) return { chosen: null, trials, isLasting };
  const { engine, rate } = best;
  const { name, version, device } = engine;
  const flopsPerSecond = runCost(BENCHMARK).flopsPerStep / (rate.msPerStep / 1000);
  const roof = await measuredRoof(engine, BENCHMARK, rate.replicas);
  const choice = { engine: name, version, device, ...rate, flopsPerSecond, trials, ...(roof && { roof }) };
  const when = { measuredAtMs: Date.now(), release: RELEASE, machine };
  return { chosen: { engine, choice: { ...choice, ...when } }, trials, isLasting };
}

/** The engine of an earlier choice, if this is still the machine, the release and the engine it was made for. */
export async function chosenBefore(
  known: EngineChoice,
  { candidates, machine }: Choosing,
): Promise<Chosen | null> {
  const candidate = candidates.find(({ name }) => name === known.engine);
  if (!candidate || known.release !== RELEASE || known.machine !== machine) return null;
  const engine = await withTimeout(candidate.load(), START_MS_MAX).catch(() => null);
  const isSame = engine?.version === known.version && engine.device === known.device;
  return engine && isSame ? { engine, choice: known } : null;
}

async function attempt(candidate: Candidate, standard: Standard | null): Promise<Tried> {
  const trial: EngineTrial = { name: candidate.name, device: null, rates: [], problem: null };
  const tried: Tried = { trial, engine: null, loss: Number.NaN, isLasting: true };
  let engine: Engine | null = null;
  try {
    engine = await withTimeout(candidate.load(), START_MS_MAX);
    trial.device = engine.device;
    const measuring = measure(engine, candidate.replicas ?? [1], standard, tried);
    await withTimeout(measuring, START_MS_MAX);
    return { ...tried, engine };
  } catch (error) {
    // What worked with fewer replicas works.
    if (engine && trial.rates.length > 0) return { ...tried, engine, isLasting: false };
    trial.problem = error instanceof Error ? error.message : String(error);
    return { ...tried, isLasting: error instanceof Unavailable };
  }
}

/** Fills in the rates of a trial, with more and more replicas for as long as that pays or may pay. */
async function measure(
  engine: Engine,
  counts: readonly number[],
  standard: Standard | null,
  tried: Tried,
): Promise<void> {
  const { rates } = tried.trial;
  let spentMs = 0;
  // A step of more replicas takes no less time than one of few.
  const hopelessMs = standard
    ? HOPELESS * standard.msPerStep * Math.max(...counts)
    : Number.POSITIVE_INFINITY;
  for (const replicas of counts) {
    const before = rates.at(-1);
    if (spentMs > CANDIDATE_MS) return;
    const { stepMs, measuredMs, loss } = await benchmark(engine, replicas, {
      standard: before ? null : standard,
      hopelessMs,
    });
    spentMs += measuredMs;
    tried.loss = loss;
    const msPerStep = stepMs / replicas;
    rates.push({ replicas, msPerStep });
    if (stepMs > hopelessMs || (before && msPerStep * WORTH_IT > before.msPerStep)) return;
  }
}

type Rate = EngineTrial['rates'][number];

/** The fewest replicas that are as good as the best. */
function fastest(rates: readonly Rate[]): Rate | null {
  const least = Math.min(...rates.map(({ msPerStep }) => msPerStep));
  return rates.find(({ msPerStep }) => msPerStep <= WORTH_IT * least) ?? null;
}

/** Milliseconds of a step of all replicas together. Throws Unavailable where an engine falls short of the standard. */
async function benchmark(
  engine: Engine,
  replicas: number,
  { standard, hopelessMs }: { standard: Standard | null; hopelessMs: number },
): Promise<{ stepMs: number; measuredMs: number; loss: number }> {
  const trainings = Array.from({ length: replicas }, (_, seed): Training => ({ config: BENCHMARK, seed }));
  const session = await engine.prepare(trainings);
  try {
    // The first step compiles what is to be compiled.
    const [evaluations] = await session.advance(CHECKED_STEP, [CHECKED_STEP]);
    const loss = evaluations?.[0]?.trainLoss ?? Number.NaN;
    if (standard && !(Math.abs(loss / standard.loss - 1) <= DIFFERENCE_MAX))
      throw new Unavailable('it computes something else than it should on this device');
    const startMs = performance.now();
    const stepMs = await stepTime(session, hopelessMs);
    return { stepMs, measuredMs: performance.now() - startMs, loss };
  } finally {
    session.dispose();
  }
}

/**
 * Milliseconds of a step in a long chunk: how much longer a chunk takes for its additional steps, since a call may wait
 * for a round trip to the device of many milliseconds, whatever its steps. Less precise where hopeless.
 */
async function stepTime(session: Session, hopelessMs: number): Promise<number> {
  let quickest: { steps: number; ms: number } | null = null;
  for (let steps = FIRST_STEPS; ; ) {
    const startMs = performance.now();
    await session.advance(session.stepsDone + steps, []);
    const ms = Math.max(1e-3, performance.now() - startMs);
    const chunk = { steps, ms };
    if (!quickest) {
      if (ms >= ALONE_MS) return ms / steps;
      quickest = chunk;
      steps *= 3;
      continue;
    }
    const longerMs = ms - quickest.ms;
    const stepMs = longerMs / (steps - quickest.steps);
    if (longerMs >= (stepMs > hopelessMs ? JUDGED_MS : MEASURED_MS)) return stepMs;
    const enough = longerMs > 0 ? quickest.steps + (1.2 * MEASURED_MS) / stepMs : Number.POSITIVE_INFINITY;
    if (longerMs < 0) quickest = chunk;
    steps = Math.ceil(Math.min(GROWTH_MAX * steps, Math.max(2 * steps, enough)));
  }
}

async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not start within ${ms / 1000} s`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
