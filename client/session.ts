// The training of this tab: one worker at most, made on Start, alive while pages change.

import { type Signal, signal } from '@preact/signals';
import { createContext } from 'preact';
import type { FromWorker, ToWorker } from './engine/messages.ts';
import { forgetEngine, keepEngine, keptEngine } from './engine-memory.ts';
import { forgetIdentity, identify, keepConsent } from './identity.ts';
import { IDLE, received, type SessionState, withLine } from './session-state.ts';

export interface Session {
  state: Signal<SessionState>;
  /** Registers this browser the first time, then starts training. Safe to repeat: a second start does nothing. */
  start(options: { prefers: string | null; name: string | null }): Promise<void>;
  pause(): void;
  resume(): void;
  /** Measures the engines anew, now or at the next start. */
  measure(): void;
  /** Finishes the runs in hand, then stops. */
  finish(): void;
  stop(): void;
}

/** How long a worker may take to hand its unit back before it is ended. */
const STOP_MS = 5000;

export const SessionContext = createContext<Session | null>(null);

export function createSession(): Session {
  const kept = keptEngine();
  const state = signal<SessionState>({ ...IDLE, engine: kept && { choice: kept, isStored: true } });
  let worker: Worker | null = null;
  // Counts presses of Start and Stop: a registration that comes back after a later one starts nothing.
  let presses = 0;
  const end = () => {
    worker?.terminate();
    worker = null;
  };
  const on = (message: FromWorker) => {
    // A server that no longer knows this browser will know it again after a new registration.
    if (message.type === 'problem' && message.code === 'unauthorized') forgetIdentity();
    if (message.type === 'engine' && message.keep) keepEngine(message.choice);
    if (message.type === 'engine-failed') forgetEngine();
    state.value = received(state.value, message, Date.now());
    if (state.value.status === 'off') end();
  };
  const fail = (words: string) => on({ type: 'problem', words, fatal: true, code: null });
  const tell = (message: ToWorker, status?: SessionState['status']) => {
    worker?.postMessage(message);
    if (worker && status) state.value = { ...state.value, status };
  };

  const begin = (message: ToWorker) => {
    const own = new Worker(new URL('./engine/host.ts', import.meta.url), { type: 'module', name: 'tabgrad' });
    worker = own;
    own.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (worker === own) on(data);
    };
    own.onerror = (event) => {
      if (worker === own) fail(`Training stopped unexpectedly: ${event.message || 'no reason was given'}.`);
    };
    tell(message);
  };

  return {
    state,
    async start({ prefers, name }) {
      if (state.value.status !== 'off') return;
      const press = ++presses;
      const begun = {
        ...state.value,
        status: 'on',
        phase: 'choosing',
        problem: null,
        group: null,
        isInHand: false,
        points: [],
      } as const;
      state.value = withLine(begun, 'Starting', Date.now());
      try {
        const { token, deviceId } = await identify(name);
        keepConsent(Date.now());
        if (press === presses) begin({ type: 'start', token, deviceId, prefers, known: keptEngine() });
      } catch (error) {
        if (press === presses) fail(error instanceof Error ? error.message : String(error));
      }
    },
    pause: () => tell({ type: 'pause' }, 'paused'),
    resume: () => tell({ type: 'resume' }, 'on'),
    measure() {
      forgetEngine();
      tell({ type: 'measure' });
      if (worker) return;
      const words = 'The engines will be measured again at the next start';
      state.value = withLine({ ...state.value, engine: null }, words, Date.now());
    },
    finish: () => tell({ type: 'finish' }, 'finishing'),
    stop() {
      presses++;
      const stopping = worker;
      tell({ type: 'stop' });
      if (!stopping) state.value = { ...state.value, status: 'off' };
      setTimeout(() => {
        if (stopping && worker === stopping) on({ type: 'phase', phase: 'stopped', words: 'Stopped' });
      }, STOP_MS);
    },
  };
}
