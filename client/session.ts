// The training of this tab: one worker at most, made on Start, alive while pages change.

import { effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Preference } from '../shared/work.ts';
import { WakeLock } from './conditions.ts';
import type { FromWorker, ToWorker } from './engine/messages.ts';
import { forgetEngine, keepEngine, keptEngine } from './engine-memory.ts';
import { ApiError } from './http.ts';
import { forgetIdentity, identify, isIdentityKept, keepConsent, loadIdentity } from './identity.ts';
import { forgetPause, keepPause, keptPause, type Pause } from './pause.ts';
import { renew, takeResume } from './renewal.ts';
import { Rules } from './rules.ts';
import { begun, IDLE, pausedSince, received, type SessionState, withLine } from './session-state.ts';
import { Tabs } from './tabs.ts';
import type { Conditions, Settings } from './volunteer/settings.ts';
import { Troubled, troubleOf } from './volunteer/trouble.ts';
import { language } from './words/index.ts';
import { telling } from './words/telling.ts';

export interface Session {
  state: Signal<SessionState>;
  settings: Signal<Settings>;
  /** What is known of the surroundings; the clock goes on only while training is on, or bound to hours. */
  conditions: ReadonlySignal<Conditions>;
  /** Keeps settings and applies them at once. */
  change(settings: Partial<Settings>): void;
  /** Asks the tab that trains to stop, waits until it has, then starts here. Without one it just starts. */
  takeOver(wish?: Preference | null): Promise<void>;
  /** While wanted, views of the network in hand are made. */
  wantShow(isWanted: boolean): void;
  /** Registers this browser the first time, then starts training. Safe to repeat: a second start does nothing. */
  start(options: { prefers: Preference | null; name: string | null }): Promise<void>;
  /** Until Resume, also through a reload. */
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

/**
 * Goes on by itself only where this very tab was training when it loaded a newer version of the page. Where it was paused,
 * it is paused again.
 */
export function createSession(): Session {
  const resume = takeResume(Date.now());
  const isKnown = loadIdentity() !== null;
  const session = new TabSession(isKnown && !resume ? keptPause() : null);
  // Whoever had this browser forgotten meanwhile, in another tab, is not registered anew without a press.
  if (resume && isKnown) {
    session.say(telling().renewed);
    void session.start({ ...resume, name: null });
  }
  return session;
}

class TabSession implements Session {
  readonly state: Signal<SessionState>;
  private readonly rules = new Rules();
  private readonly tabs: Tabs;
  private worker: Worker | null = null;
  // Counts presses of Start and Stop: a registration that comes back after a later one starts nothing.
  private presses = 0;
  /** Finish or Stop was pressed: what is in hand is the last, whatever happens until it has ended. */
  private isEnding: 'finish' | 'stop' | null = null;
  /** Finish was pressed before this page was loaded: the first runs in hand are the last. */
  private isLastNext = false;
  private prefers: Preference | null = null;
  private isShown = false;
  /** Of an earlier page in this tab; null once it is over. */
  private before: Pause | null;

  constructor(before: Pause | null) {
    this.before = before;
    const kept = keptEngine();
    const idle: SessionState = { ...IDLE, engine: kept && { choice: kept, isStored: true } };
    this.state = signal<SessionState>(before ? pausedSince(idle, before.atMs) : idle);
    this.tabs = new Tabs({
      onElsewhere: (elsewhere) => this.put({ elsewhere }),
      onYield: () => this.yield(),
      isOwn: () => this.worker !== null,
    });
    this.followRules();
    if (typeof window === 'undefined') return;
    for (const type of ['online', 'offline'] as const) addEventListener(type, () => this.tell({ type }));
  }

  get settings() {
    return this.rules.settings;
  }
  get conditions() {
    return this.rules.conditions;
  }

  readonly start: Session['start'] = (options) => this.begin(options, null);

  readonly takeOver: Session['takeOver'] = async (wish = null) => {
    if (this.worker || loadIdentity() === null) return;
    this.forgetBefore();
    const prefers = wish ?? this.settings.value.cause;
    await this.begin({ prefers, name: null }, async () => {
      this.say(telling().asksOther);
      if (!(await this.tabs.takeOver())) throw new Troubled(telling().mishaps.notHandedOver, 'elsewhere');
    });
  };

  readonly change = (change: Partial<Settings>) => this.rules.change(change);

  readonly wantShow = (isWanted: boolean) => {
    if (isWanted === this.isShown) return;
    this.isShown = isWanted;
    this.tell({ type: 'show', isWanted });
    if (!isWanted) this.put({ view: null });
  };

  readonly pause = () => {
    const { status } = this.state.value;
    if (status === 'off' || this.before) return;
    const isFinishing = this.isEnding === 'finish' || this.isLastNext;
    if (this.isEnding !== 'stop') keepPause({ atMs: Date.now(), prefers: this.prefers, isFinishing });
    this.tell({ type: 'pause' }, 'paused');
  };

  readonly resume = () => {
    const { before } = this;
    this.forgetBefore();
    if (!before) return this.tell({ type: 'resume' }, this.isEnding ? 'finishing' : 'on');
    // Forgotten in another tab meanwhile: to begin as somebody new takes a press of Start.
    if (loadIdentity() === null) return;
    void this.start({ prefers: before.prefers, name: null });
    this.isLastNext = before.isFinishing;
  };

  readonly finish = () => {
    if (this.before) return this.stop();
    this.isEnding ??= 'finish';
    this.isLastNext = false;
    forgetPause();
    this.tell({ type: 'finish' }, 'finishing');
  };

  readonly measure = () => {
    forgetEngine();
    this.tell({ type: 'measure' });
    if (this.worker) return;
    this.put({ engine: null });
    this.say(telling().measuredNext);
  };

  readonly stop = () => {
    this.presses++;
    this.isEnding = 'stop';
    this.forgetBefore();
    const stopping = this.worker;
    this.tell({ type: 'stop' });
    if (!stopping) this.put({ status: 'off', phase: null, words: '' });
    setTimeout(() => {
      if (stopping && this.worker === stopping)
        this.hear({ type: 'phase', phase: 'stopped', words: telling().stopped });
    }, STOP_MS);
  };

  say(said: string): void {
    this.state.value = withLine(this.state.peek(), said, Date.now());
  }

  private async begin(
    { prefers, name }: Parameters<Session['start']>[0],
    first: (() => Promise<void>) | null,
  ): Promise<void> {
    if (this.state.value.status !== 'off') return;
    const press = ++this.presses;
    this.isEnding = null;
    this.isLastNext = false;
    this.prefers = prefers;
    this.state.value = begun(this.state.value, Date.now());
    try {
      if (first) await first();
      if (press !== this.presses) return;
      const { token, deviceId } = await identify(name);
      // Stopped meanwhile, or the consent was taken back.
      if (press !== this.presses) return;
      keepConsent(Date.now());
      this.employ(token, deviceId);
    } catch (error) {
      if (press === this.presses) this.fail(error);
    }
  }

  private employ(token: string, deviceId: string): void {
    const own = new Worker(new URL('./engine/host.ts', import.meta.url), { type: 'module', name: 'tabgrad' });
    this.worker = own;
    own.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (this.worker === own) this.hear(data);
    };
    own.onerror = (event) => {
      if (this.worker === own) this.fail(endedBy(event.message));
    };
    if (!isIdentityKept()) this.say(telling().forgets);
    const rule = this.rules.rule.peek();
    const { prefers, isShown } = this;
    const known = keptEngine();
    const asked = { rule, prefers, known, language: language(), isShown };
    this.tell({ type: 'start', token, deviceId, ...asked });
    // Pressed while this browser registered.
    if (this.state.value.status === 'paused') this.tell({ type: 'pause' });
    if (this.isEnding === 'finish') this.finish();
  }

  private hear(message: FromWorker): void {
    // A server that no longer knows this browser will know it again after a new registration.
    if (message.type === 'problem' && message.code === 'unauthorized') forgetIdentity();
    if (message.type === 'engine' && message.keep) keepEngine(message.choice);
    if (message.type === 'engine-failed') forgetEngine();
    const goesOn = this.state.value.status === 'on' && this.isEnding === null && !this.isLastNext;
    this.state.value = received(this.state.value, message, Date.now());
    if (this.isLastNext && message.type === 'group') this.finish();
    if (this.state.value.status === 'off') this.end();
    if (message.type === 'reload') this.renew(goesOn);
    else if (this.state.value.status === 'off') forgetPause();
  }

  /** Training goes on in the new page only if it was to go on here: then consent was given in this tab. */
  private renew(goesOn: boolean): void {
    if (!renew(goesOn ? { prefers: this.prefers } : null, Date.now()))
      this.fail(new Troubled(telling().mishaps.notRenewed, 'version'));
  }

  /** Another tab is to train instead. */
  private yield(): void {
    if (!this.worker) return;
    this.say(telling().handsOver);
    this.stop();
  }

  /** Has the worker, the clock and the screen follow the settings and the conditions. */
  private followRules(): void {
    const wakeLock = new WakeLock();
    effect(() => {
      const rule = this.rules.rule.value;
      this.tell({ type: 'rule', rule });
      this.put({ duty: rule.duty });
    });
    effect(() => {
      const { status, rest: was } = this.state.value;
      const { rest } = this.rules.rule.value;
      const isOn = status === 'on' || status === 'finishing';
      const is = isOn ? rest : null;
      if (JSON.stringify(is) !== JSON.stringify(was)) this.put({ rest: is });
      wakeLock.want(isOn && rest === null && this.settings.value.wakeLock);
    });
    let isFollowed = false;
    effect(() => {
      const isClockAsked = this.state.value.status !== 'off' || this.settings.value.hours !== null;
      if (isClockAsked !== isFollowed) this.rules.follow(isClockAsked);
      isFollowed = isClockAsked;
    });
    let { cause } = this.settings.peek();
    effect(() => {
      const { cause: now } = this.settings.value;
      if (JSON.stringify(now) === JSON.stringify(cause)) return;
      cause = now;
      this.prefers = now;
      this.tell({ type: 'prefers', prefers: now });
    });
  }

  /** The pause of an earlier page is over, and any other that was noted. */
  private forgetBefore(): void {
    forgetPause();
    if (!this.before) return;
    this.before = null;
    this.put({ status: 'off', phase: null, words: '', pausedBefore: null });
  }

  private put(change: Partial<SessionState>): void {
    this.state.value = { ...this.state.peek(), ...change };
  }

  private fail(error: unknown): void {
    const words = error instanceof Error ? error.message : String(error);
    const code = error instanceof ApiError ? error.code : null;
    this.hear({
      type: 'problem',
      words,
      fatal: true,
      code,
      ...(error instanceof Troubled && { kind: error.kind }),
    });
  }

  private tell(message: ToWorker, status?: SessionState['status']): void {
    // After Stop there is nothing left to say.
    if (this.isEnding === 'stop' && message.type !== 'stop') return;
    this.worker?.postMessage(message);
    if (status && this.state.value.status !== 'off') this.put({ status });
  }

  private end(): void {
    this.worker?.terminate();
    this.worker = null;
    void this.tabs.ended();
  }
}

/** A script that the server no longer has, or that never arrived, gives no reason. */
function endedBy(reason: string | undefined): Troubled {
  const { ended, notLoaded } = telling().mishaps;
  return reason ? new Troubled(ended(reason), troubleOf(reason, null)) : new Troubled(notLoaded, 'notLoaded');
}
