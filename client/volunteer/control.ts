/** What the volunteer wants: the loop asks it between every two submissions to the device. */
export class Control {
  private state: 'running' | 'paused' | 'stopped' = 'running';
  private finishing = false;
  private wake: (() => void)[] = [];
  private errand: (() => Promise<void>) | null = null;
  /** How often the loop has gone on: stands still while it is paused or its engine hangs. */
  turns = 0;

  get stopped(): boolean {
    return this.state === 'stopped';
  }
  /** No further run is to be started. */
  get ending(): boolean {
    return this.finishing || this.stopped;
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
    else this.become(this.state);
  }
  stop(): void {
    this.become('stopped');
  }

  /** Has something done, which must not throw, between two submissions to the device. */
  interrupt(errand: () => Promise<void>): void {
    this.errand = errand;
    this.become(this.state);
  }

  /** Waits while paused, and for an errand. False once everything should stop. */
  async go(): Promise<boolean> {
    while (this.state === 'paused') await this.changed();
    this.turns++;
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

  /** Waits so long, or until the volunteer changes something. */
  async sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.wake = this.wake.filter((other) => other !== wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.wake.push(wake);
    });
  }

  private changed(): Promise<void> {
    return new Promise((resolve) => this.wake.push(resolve));
  }

  private become(state: 'running' | 'paused' | 'stopped'): void {
    if (this.state !== 'stopped') this.state = state;
    for (const wake of this.wake.splice(0)) wake();
  }
}
