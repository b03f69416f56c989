import type { Preference } from '../../shared/work.ts';
import type { Rest, Rule } from './settings.ts';

const ALWAYS: Rule = { duty: 1, rest: null };

/** What the volunteer wants: the loop asks it between every two submissions to the device. */
export class Control {
  /** What to work for first; taken up with the next request for a unit. */
  prefers: Preference | null = null;
  /** Whether somebody looks at the network in hand. */
  isShown = false;
  /** How often the loop has gone on: stands still while it is paused or rests, or its engine hangs. */
  turns = 0;
  private state: 'running' | 'paused' | 'stopped' = 'running';
  private finishing = false;
  private rule = ALWAYS;
  /** Told of every change; see holding.ts. */
  onChange: () => void = () => {};
  /** Of those who wait for a change, and of those who wait for a time. */
  private waiting: (() => void)[] = [];
  private asleep: (() => void)[] = [];
  private errand: (() => Promise<void>) | null = null;

  get stopped(): boolean {
    return this.state === 'stopped';
  }
  /** No further run is to be started. */
  get ending(): boolean {
    return this.finishing || this.stopped;
  }
  get paused(): boolean {
    return this.state === 'paused';
  }
  /** Why the rule has the device rest; null while it may compute. */
  get rest(): Rest | null {
    return this.rule.rest;
  }
  /** The share of the time in which the device may compute: 0.1 to 1. */
  get duty(): number {
    return this.rule.duty;
  }
  /** Whether `go` would wait: paused, or resting. */
  get isHeld(): boolean {
    return this.paused || (this.rest !== null && !this.stopped);
  }
  /** Whether there is something to be looked after before the next submission. */
  get isInterrupted(): boolean {
    return this.isHeld || this.stopped || this.errand !== null;
  }

  pause(): void {
    if (this.state === 'running') this.become('paused');
  }
  resume(): void {
    if (this.state === 'paused') this.become('running');
  }
  /** Ends after the run in hand. */
  finish(): void {
    this.finishing = true;
    if (this.state === 'paused') this.become('running');
    else this.nudge();
  }
  stop(): void {
    this.become('stopped');
  }

  /** From now on: how much of the time to compute, and whether to rest. A rest ends by a later rule, or by `stop`. */
  setRule(rule: Rule): void {
    this.rule = rule;
    this.tell();
  }

  /** Has something done, which must not throw, between two submissions to the device. */
  interrupt(errand: () => Promise<void>): void {
    this.errand = errand;
    this.tell();
  }

  /** Ends every wait that is only for time: what is waited for may have come. */
  nudge(): void {
    this.become(this.state);
  }

  /** The loop goes on, although it does not compute at the moment. */
  turn(): void {
    this.turns++;
  }

  /** Waits while paused or resting, and for an errand. False once everything should stop. */
  async go(): Promise<boolean> {
    while (this.isHeld) await this.changed();
    this.turn();
    const { errand } = this;
    this.errand = null;
    if (errand && !this.stopped) {
      await errand();
      return this.go();
    }
    return this.state !== 'stopped';
  }

  /** Resolves once everything should stop. */
  async whenStopped(): Promise<void> {
    while (!this.stopped) await this.changed();
  }

  /** Waits so long, or until the volunteer pauses, goes on or ends, or something nudges. */
  async sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.asleep = this.asleep.filter((other) => other !== wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.asleep.push(wake);
    });
  }

  private changed(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private become(state: 'running' | 'paused' | 'stopped'): void {
    if (this.state !== 'stopped') this.state = state;
    for (const wake of this.asleep.splice(0)) wake();
    this.tell();
  }

  private tell(): void {
    for (const wake of this.waiting.splice(0)) wake();
    this.onChange();
  }
}
