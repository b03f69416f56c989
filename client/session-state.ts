// What a page knows of the training in its worker: a state, and how each message changes it.

import type {
  Busy,
  DeliveredRun,
  FromWorker,
  GroupInHand,
  GroupPoint,
  NetworkView,
  Phase,
  TrainedSummary,
} from './engine/messages.ts';
import { milestoneLines } from './session-milestones.ts';
import { deliveredWords, engineWords, partsWords, unitWords } from './session-words.ts';
import type { Rest } from './volunteer/settings.ts';
import type { Trouble } from './volunteer/trouble.ts';
import { telling } from './words/telling.ts';

type Message<T extends FromWorker['type']> = Extract<FromWorker, { type: T }>;

export interface LogLine {
  /** Counts up; lines are never renumbered. */
  id: number;
  atMs: number;
  words: string;
}

/** A finished run; where it was trained before this page listened, only its verdict is known. */
export interface Finished extends Partial<Omit<TrainedSummary, 'run'>> {
  sweepId: string;
  run: number;
  verdict: DeliveredRun['verdict'] | 'queued';
  message: string | null;
}

/** Where runs stand that are, or were last, trained in this tab. */
export interface Place {
  /** The runs. */
  of: string;
  step: number;
  /** Where this tab took them up, and who had kept them; null where it began them. */
  takenUp: { from: number; keptBy: 'device' | 'server' } | null;
}

export interface SessionState {
  /** 'finishing': the runs in hand are the last. */
  status: 'off' | 'on' | 'paused' | 'finishing';
  phase: Phase | null;
  words: string;
  engine: Omit<Message<'engine'>, 'type' | 'keep'> | null;
  group: GroupInHand | null;
  /** Whether the group is in hand; else it is the last there was. */
  isInHand: boolean;
  points: readonly GroupPoint[];
  /** Of the group, or the last there was: outlives Stop. */
  place: Place | null;
  /** Per step and run. */
  msPerStep: number | null;
  /** Newest first, each run once, with what was last said of it. */
  finished: readonly Finished[];
  counts: { finished: number; accepted: number };
  /** Newest first. */
  log: readonly LogLine[];
  problem: string | null;
  /** The server's error code of the last problem; null where it was not the server that refused. */
  problemCode: string | null;
  /** What it is about; null where its words say it all, undefined where only they can tell. */
  problemKind: Trouble | null | undefined;
  /** Measured; null before, and while nothing trains. */
  busy: Busy | null;
  /** The share of the time the settings allow under the present conditions: 0.1 to 1. */
  duty: number;
  /** Why nothing is computed although training is on; null while it may be. */
  rest: Rest | null;
  /** Of the first run in hand, while a show is wanted. */
  view: NetworkView | null;
  /** Whether another tab of this browser trains. */
  elsewhere: boolean;
  /** Since when training has been paused, where that was before this page was loaded. */
  pausedBefore: { atMs: number } | null;
}

export { milestonesSoFar } from './session-milestones.ts';
export { engineInHand, progressWords, reachedWords, takenUpWords, verdictWords } from './session-words.ts';

const LOG_MAX = 200;
const FINISHED_MAX = 300;
/** Phases that come and go many times a minute are shown, not logged. In these something may be computed, too. */
const PASSING: readonly Phase[] = ['asking', 'training', 'delivering'];

export const IDLE: SessionState = {
  status: 'off',
  phase: null,
  words: '',
  engine: null,
  group: null,
  isInHand: false,
  points: [],
  place: null,
  msPerStep: null,
  finished: [],
  counts: { finished: 0, accepted: 0 },
  log: [],
  problem: null,
  problemCode: null,
  problemKind: null,
  busy: null,
  duty: 1,
  rest: null,
  view: null,
  elsewhere: false,
  pausedBefore: null,
};

/** Training is about to begin in this tab. */
export const begun = (state: SessionState, nowMs: number): SessionState =>
  withLine(
    {
      ...{ ...state, status: 'on', phase: 'choosing', problem: null, words: telling().starting },
      ...{ group: null, isInHand: false, points: [], view: null, busy: null },
    },
    telling().starting,
    nowMs,
  );

/** Training was paused in this tab before the page was loaded. */
export const pausedSince = (state: SessionState, atMs: number): SessionState => ({
  ...state,
  ...{ status: 'paused', phase: 'paused', words: telling().phases.pausedBefore, pausedBefore: { atMs } },
});

export function withLine(state: SessionState, words: string, atMs: number): SessionState {
  const id = (state.log[0]?.id ?? 0) + 1;
  return { ...state, log: [{ id, atMs, words }, ...state.log].slice(0, LOG_MAX) };
}

/** The state after a message from the worker. */
export function received(state: SessionState, message: FromWorker, nowMs: number): SessionState {
  switch (message.type) {
    case 'engine': {
      const { choice, isStored } = message;
      return withLine({ ...state, engine: { choice, isStored } }, engineWords(message), nowMs);
    }
    case 'engine-failed':
      return { ...state, engine: null };
    case 'phase':
      return afterPhase(state, message, nowMs);
    case 'unit':
      return withLine({ ...state, problem: null }, unitWords(message), nowMs);
    case 'group': {
      const { type: _, ...group } = message;
      const place = placeOf(group, state.place);
      const view = place.of === state.place?.of ? state.view : null;
      return { ...state, group, place, view, isInHand: true, points: group.points, problem: null };
    }
    case 'points':
      return afterPoints(state, message, nowMs);
    case 'step':
      return { ...at(state, message.step), msPerStep: message.msPerStep };
    case 'busy': {
      const { share, overMs } = message;
      return { ...state, busy: { share, overMs } };
    }
    case 'view':
      return { ...state, view: message.view };
    case 'trained':
      return afterTrained(state, message);
    case 'handed-over':
      return at(state, message.runs[0]?.to ?? 0);
    case 'delivered':
      return afterDelivered(state, message, nowMs);
    case 'note':
      return withLine(state, message.words, nowMs);
    case 'reload':
      return withLine({ ...state, status: 'off', isInHand: false, busy: null }, message.words, nowMs);
    case 'problem':
      return afterProblem(state, message, nowMs);
  }
}

// Pause, resume and finish are the page's own commands: only the end of the worker changes the status from here.
function afterPhase(state: SessionState, { phase, words }: Message<'phase'>, nowMs: number): SessionState {
  const status = phase === 'stopped' ? 'off' : state.status;
  // A server that has nothing to do has answered; a training that is over waits for none.
  const hasPassed = phase === 'waiting' || (phase === 'stopped' && state.status !== 'off');
  const isInHand = state.isInHand && phase !== 'waiting' && phase !== 'stopped';
  const busy = PASSING.includes(phase) ? state.busy : null;
  const problem = hasPassed ? null : state.problem;
  const next = { ...state, phase, words, status, isInHand, busy, problem };
  return words === state.words || PASSING.includes(phase) ? next : withLine(next, words, nowMs);
}

function afterProblem(
  state: SessionState,
  { words, fatal, code, kind }: Message<'problem'>,
  nowMs: number,
): SessionState {
  const status = fatal ? 'off' : state.status;
  // Without an answer the next runs may be long in coming.
  const isWaiting = state.phase === 'asking' || state.phase === 'delivering';
  const isInHand = state.isInHand && !fatal && !isWaiting;
  const busy = fatal ? null : state.busy;
  const known = { problem: words, problemCode: code, problemKind: kind };
  return withLine({ ...state, ...known, status, isInHand, busy }, words, nowMs);
}

function afterPoints(
  state: SessionState,
  { points, msPerStep }: Message<'points'>,
  nowMs: number,
): SessionState {
  const step = Math.max(state.place?.step ?? 0, points.at(-1)?.step ?? 0);
  const next = { ...at(state, step), msPerStep, points: [...state.points, ...points] };
  let after: SessionState = next;
  for (const line of milestoneLines(state, next)) after = withLine(after, line, nowMs);
  return after;
}

const at = (state: SessionState, step: number): SessionState =>
  state.place ? { ...state, place: { ...state.place, step } } : state;

/** The same runs going on from where this tab left them, or from before, are no news; all else is. */
function placeOf({ sweepId, runs, from, keptBy }: GroupInHand, before: Place | null): Place {
  const of = `${sweepId}/${runs.map(({ run }) => run).join()}`;
  const isGoingOn = before?.of === of && from <= before.step;
  const takenUp = isGoingOn ? before.takenUp : keptBy && { from, keptBy };
  return { of, step: from, takenUp: from === 0 ? null : takenUp };
}

const keyOf = ({ sweepId, run }: { sweepId: string; run: number }) => `${sweepId}/${run}`;

function afterTrained(state: SessionState, { sweepId, runs }: Message<'trained'>): SessionState {
  const fresh = runs.map((run): Finished => ({ ...run, sweepId, verdict: 'queued', message: null }));
  return listed(state, fresh);
}

function afterDelivered(state: SessionState, { runs }: Message<'delivered'>, nowMs: number): SessionState {
  const before = new Map(state.finished.map((known) => [keyOf(known), known]));
  const whole = runs.filter(({ isPart }) => !isPart);
  const judged = whole.map(
    ({ isPart: _, to: __, ...run }): Finished => ({ ...before.get(keyOf(run)), ...run }),
  );
  const parts = runs.filter(({ isPart }) => isPart);
  const words = [deliveredWords(judged), partsWords(parts)].filter(Boolean).join('; ');
  // Only a server that was reached gives a verdict.
  return withLine({ ...listed(state, judged), problem: null }, words, nowMs);
}

/** Puts runs first in the list, the last of them on top; what is there already keeps its place. */
function listed(state: SessionState, runs: readonly Finished[]): SessionState {
  const told = new Map(runs.map((run) => [keyOf(run), run]));
  const known = state.finished.map((one) => told.get(keyOf(one)) ?? one);
  const before = new Set(known.map(keyOf));
  const fresh = runs.filter((run) => !before.has(keyOf(run))).reverse();
  const isAccepted = ({ verdict }: Finished) => verdict === 'accepted';
  const accepted = state.counts.accepted + runs.filter(isAccepted).length;
  const counts = { finished: state.counts.finished + fresh.length, accepted };
  return { ...state, counts, finished: [...fresh, ...known].slice(0, FINISHED_MAX) };
}
