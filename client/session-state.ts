// What a page knows of the training in its worker: a state, and how each message changes it.

import { firstSustained } from '../shared/measures/milestones.ts';
import type { CurvePoint, FromWorker, Phase, RunInHand } from './engine/messages.ts';
import { milliseconds } from './format.ts';

type Message<T extends FromWorker['type']> = Extract<FromWorker, { type: T }>;

export interface LogLine {
  /** Counts up; lines are never renumbered. */
  id: number;
  atMs: number;
  words: string;
}

/** A finished run, with what was known of it while it was trained. */
export type Finished = Message<'finished'> & { label: string | null; steps: number | null };

export interface SessionState {
  /** 'finishing': the run in hand is the last. */
  status: 'off' | 'on' | 'paused' | 'finishing';
  phase: Phase | null;
  words: string;
  engine: Message<'engine'> | null;
  run: RunInHand | null;
  points: readonly CurvePoint[];
  msPerStep: number | null;
  /** Newest first. A run is listed once, with what was last said of it. */
  finished: readonly Finished[];
  /** Newest first. */
  log: readonly LogLine[];
  problem: string | null;
}

const LOG_MAX = 200;

export const IDLE: SessionState = {
  status: 'off',
  phase: null,
  words: '',
  engine: null,
  run: null,
  points: [],
  msPerStep: null,
  finished: [],
  log: [],
  problem: null,
};

export function withLine(state: SessionState, words: string, atMs: number): SessionState {
  const id = (state.log[0]?.id ?? 0) + 1;
  return { ...state, log: [{ id, atMs, words }, ...state.log].slice(0, LOG_MAX) };
}

/** The state after a message from the worker. */
export function received(state: SessionState, message: FromWorker, nowMs: number): SessionState {
  switch (message.type) {
    case 'engine':
      return withLine({ ...state, engine: message }, engineWords(message), nowMs);
    case 'phase':
      return afterPhase(state, message, nowMs);
    case 'unit': {
      const n = message.runs.length;
      const what = `Got ${n} ${n === 1 ? 'run' : 'runs'} of "${message.title}"`;
      return withLine({ ...state, problem: null }, what, nowMs);
    }
    case 'run': {
      const { type: _, ...run } = message;
      return { ...state, run, points: [], problem: null };
    }
    case 'point':
      return afterPoint(state, message);
    case 'finished':
      return afterFinished(state, message, nowMs);
    case 'problem':
      return withLine(
        { ...state, problem: message.words, status: message.fatal ? 'off' : state.status },
        message.words,
        nowMs,
      );
  }
}

/** The milestones of the run in hand so far. */
export function milestonesSoFar({ run, points }: Pick<SessionState, 'run' | 'points'>): {
  tMem: number | null;
  tGen: number | null;
} {
  if (!run) return { tMem: null, tGen: null };
  const steps = points.map(({ step }) => step);
  const first = (of: 'trainAccuracy' | 'testAccuracy') =>
    firstSustained(
      steps,
      points.map((point) => point[of]),
      run.threshold,
    );
  return { tMem: first('trainAccuracy'), tGen: first('testAccuracy') };
}

/** How far training is, in a few words; null when nothing runs here. */
export function progressWords({ status, run, points }: SessionState): string | null {
  if (status === 'off') return null;
  if (status === 'paused') return 'paused';
  if (!run) return 'starting';
  return `run ${run.run}, ${Math.floor((100 * (points.at(-1)?.step ?? 0)) / run.steps)} %`;
}

const VERDICTS = {
  accepted: 'accepted',
  unneeded: 'not needed, another device was first',
  refused: 'refused',
  queued: 'waiting to be sent',
} as const;

export const verdictWords = ({ verdict, message }: Message<'finished'>): string =>
  message && verdict !== 'accepted' ? `${VERDICTS[verdict]}: ${message}` : VERDICTS[verdict];

export function engineWords({ engine, backend, msPerStep, choices }: Message<'engine'>): string {
  const name = engine.includes(backend) ? engine : `${engine} on ${backend}`;
  const speed = msPerStep === null ? '' : `, ${milliseconds(msPerStep)} ms per step in the benchmark`;
  const fastest = choices.filter((c) => c.problem === null).length > 1 ? ', the fastest here' : '';
  return `Computing with ${name}${speed}${fastest}`;
}

// Pause, resume and finish are the page's own commands: only the end of the worker changes the status from here.
function afterPhase(state: SessionState, { phase, words }: Message<'phase'>, nowMs: number): SessionState {
  const status = phase === 'stopped' ? 'off' : state.status;
  // A server that has nothing to do has answered; a training that is over waits for none.
  const hasPassed = phase === 'waiting' || (phase === 'stopped' && state.status !== 'off');
  const next = { ...state, phase, words, status, problem: hasPassed ? null : state.problem };
  return words === state.words ? next : withLine(next, words, nowMs);
}

function afterPoint(state: SessionState, message: Message<'point'>): SessionState {
  const last = state.points.at(-1);
  if (message.run !== state.run?.run || (last && message.step <= last.step)) return state;
  const { type: _, run: __, msPerStep, ...point } = message;
  return { ...state, msPerStep, points: [...state.points, point] };
}

function afterFinished(state: SessionState, message: Message<'finished'>, nowMs: number): SessionState {
  const isSame = (f: { sweepId: string; run: number }) =>
    f.sweepId === message.sweepId && f.run === message.run;
  // A verdict comes without what was told when the run was finished.
  const known = state.finished.find(isSame);
  const run = state.run && isSame(state.run) ? state.run : null;
  const { verdict, message: reason } = message;
  const entry = known
    ? { ...known, verdict, message: reason }
    : { ...message, label: run && `${run.label}, seed ${run.seed}`, steps: run ? run.steps : null };
  const finished = [entry, ...state.finished.filter((f) => f !== known)];
  // Only a server that was reached gives a verdict.
  const problem = verdict === 'queued' ? state.problem : null;
  return withLine({ ...state, finished, problem }, `Run ${message.run}: ${verdictWords(message)}`, nowMs);
}
