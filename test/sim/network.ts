// The network between a device and an object: loses, repeats, delays and reorders what it carries.

import type { Surroundings } from './object.ts';

export class Network {
  private readonly around: Surroundings;

  constructor(around: Surroundings) {
    this.around = around;
  }

  /** `ask` is what happens at the other end; what it answers may or may not come back to `heard`. */
  call<T>(
    what: string,
    ask: (answer: (value: T) => void) => void,
    heard: (value: T) => void,
    isTwice = false,
  ): void {
    const { faults } = this.around;
    const arrive = () => {
      if (faults.hit('request lost')) return;
      this.carry(
        what,
        () => ask((value) => this.comeBack(what, value, heard)),
        faults.hit('request delayed'),
      );
    };
    arrive();
    if (isTwice || faults.hit('request duplicated')) arrive();
  }

  private comeBack<T>(what: string, value: T, heard: (value: T) => void): void {
    const { faults } = this.around;
    if (faults.hit('reply lost')) return;
    this.carry(`${what} answered`, () => heard(value), faults.hit('reply delayed'));
  }

  private carry(what: string, work: () => void, isDelayed: boolean): void {
    const { clock, chance, leaseMs } = this.around;
    clock.later(isDelayed ? chance.below(6 * leaseMs) : chance.between(10, 200), what, work);
  }
}
