import { specOf } from './scheduler-curves.ts';
import type { BenchServer } from './scheduler-server.ts';
import { postSweep } from './scheduler-volunteer.ts';

/** Sweeps of one size, posted as they are used up: small ones last a second or so. */
export class SweepSupply {
  private readonly server: Pick<BenchServer, 'origin' | 'token'>;
  private readonly runs: number;
  private readonly name: string;
  private left = 0;
  private posted = 0;
  private current: Promise<string> = Promise.resolve('');
  private following: Promise<string> | null = null;

  constructor(server: Pick<BenchServer, 'origin' | 'token'>, runs: number, name: string) {
    this.server = server;
    this.runs = runs;
    this.name = name;
  }

  /** The sweep to ask for so many runs. */
  next(runs: number): Promise<string> {
    if (this.left < runs) {
      this.current = this.following ?? this.post();
      this.following = null;
      this.left = this.runs;
    }
    this.left -= runs;
    if (this.left < this.runs / 2) this.following ??= this.post();
    return this.current;
  }

  private post(): Promise<string> {
    this.posted++;
    const spec = specOf(`${this.name}-${this.posted}`, this.runs);
    return postSweep(this.server.origin(), this.server.token, spec);
  }
}
