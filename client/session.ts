// The training of this tab: one worker at most, made on Start, alive while pages change.

import { type Signal, signal } from '@preact/signals';
import { createContext } from 'preact';
import type { Preference } from '../shared/work.ts';
import type { FromWorker, ToWorker } from './engine/messages.ts';
import { forgetEngine, keepEngine, keptEngine } from './engine-memory.ts';
import { forgetIdentity, identify, keepConsent, loadIdentity } from './identity.ts';
import { renew, takeResume } from './renewal.ts';
import { IDLE, received, type SessionState, withLine } from './session-state.ts';

export interface Session {
  state: Signal<SessionState>;
  /** Registers this browser the first time, then starts training. Safe to repeat: a second start does nothing. */
  start(options: { prefers: Preference | null; name: string | null }): Promise<void>;
  pause(): void;
  resume(): void;
  /** Measures the engines anew, now or at the next start. */
  measure(): void;
  /** Finishes the runs or parts of runs in hand, then stops. */
  finish(): void;
  stop(): void;
}

/** How long a worker may take to hand its unit back before it is ended. */
const STOP_MS = 5000;
const NOT_RENEWED =
  'The server has a newer version of this page, and loading the page again did not bring it. Please close this tab and open it again in some minutes: what is finished is kept, and sent when you next press Start.';

export const SessionContext = createContext<Session | null>(null);

/** Goes on by itself only where this very tab was training when it loaded a newer version of the page. */
export function createSession(): Session {
  const session = new TabSession();
  const resume = takeResume(Date.now());
  // Whoever had this browser forgotten meanwhile, in another tab, is not registered anew without a press.
  if (resume && loadIdentity()) {
    session.say('A newer version of this page was loaded; training goes on');
    void session.start({ ...resume, name: null });
  }
  return session;
}

class TabSession implements Session {
  readonly state: Signal<SessionState>;
  private worker: Worker | null = null;
  // Counts presses of Start and Stop: a registration that comes back after a later one starts nothing.
  private presses = 0;
  /** Finish or Stop was pressed: what is in hand is the last, whatever happens until it has ended. */
  private isEnding: 'finish' | 'stop' | null = null;
  private prefers: Preference | null = null;

  constructor() {
    const kept = keptEngine();
    this.state = signal<SessionState>({ ...IDLE, engine: kept && { choice: kept, isStored: true } });
  }

  readonly start: Session['start'] = async ({ prefers, name }) => {
    if (this.state.value.status !== 'off') return;
    const press = ++this.presses;
    this.isEnding = null;
    this.prefers = prefers;
    const begun = {
      ...this.state.value,
      status: 'on',
      phase: 'choosing',
      problem: null,
      group: null,
      isInHand: false,
      points: [],
    } as const;
    this.state.value = withLine(begun, 'Starting', Date.now());
    try {
      const { token, deviceId } = await identify(name);
      keepConsent(Date.now());
      if (press === this.presses)
        this.begin({ type: 'start', token, deviceId, prefers, known: keptEngine() });
    } catch (error) {
      if (press === this.presses) this.fail(error instanceof Error ? error.message : String(error));
    }
  };

  readonly pause = () => this.tell({ type: 'pause' }, 'paused');
  readonly resume = () => this.tell({ type: 'resume' }, this.isEnding ? 'finishing' : 'on');
  readonly finish = () => {
    this.isEnding ??= 'finish';
    this.tell({ type: 'finish' }, 'finishing');
  };

  readonly measure = () => {
    forgetEngine();
    this.tell({ type: 'measure' });
    if (this.worker) return;
    this.state.value = { ...this.state.value, engine: null };
    this.say('The engines will be measured again at the next start');
  };

  readonly stop = () => {
    this.presses++;
    this.isEnding = 'stop';
    const stopping = this.worker;
    this.tell({ type: 'stop' });
    if (!stopping) this.state.value = { ...this.state.value, status: 'off' };
    setTimeout(() => {
      if (stopping && this.worker === stopping)
        this.hear({ type: 'phase', phase: 'stopped', words: 'Stopped' });
    }, STOP_MS);
  };

  say(words: string): void {
    this.state.value = withLine(this.state.value, words, Date.now());
  }

  private begin(message: ToWorker): void {
    const own = new Worker(new URL('./engine/host.ts', import.meta.url), { type: 'module', name: 'tabgrad' });
    this.worker = own;
    own.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (this.worker === own) this.hear(data);
    };
    own.onerror = (event) => {
      if (this.worker === own)
        this.fail(`Training stopped unexpectedly: ${event.message || 'no reason was given'}.`);
    };
    this.tell(message);
    // Pressed while this browser registered.
    if (this.state.value.status === 'paused') this.pause();
    if (this.isEnding === 'finish') this.finish();
  }

  private hear(message: FromWorker): void {
    // A server that no longer knows this browser will know it again after a new registration.
    if (message.type === 'problem' && message.code === 'unauthorized') forgetIdentity();
    if (message.type === 'engine' && message.keep) keepEngine(message.choice);
    if (message.type === 'engine-failed') forgetEngine();
    const goesOn = this.state.value.status === 'on' && this.isEnding === null;
    this.state.value = received(this.state.value, message, Date.now());
    if (this.state.value.status === 'off') this.end();
    if (message.type === 'reload') this.renew(goesOn);
  }

  /** Training goes on in the new page only if it was to go on here: then consent was given in this tab. */
  private renew(goesOn: boolean): void {
    if (!renew(goesOn ? { prefers: this.prefers } : null, Date.now())) this.fail(NOT_RENEWED);
  }

  private fail(words: string): void {
    this.hear({ type: 'problem', words, fatal: true, code: null });
  }

  private tell(message: ToWorker, status?: SessionState['status']): void {
    // After Stop there is nothing left to say.
    if (this.isEnding === 'stop' && message.type !== 'stop') return;
    this.worker?.postMessage(message);
    if (status && this.state.value.status !== 'off') this.state.value = { ...this.state.value, status };
  }

  private end(): void {
    this.worker?.terminate();
    this.worker = null;
  }
}
