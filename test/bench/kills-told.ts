import type { ErrorReply } from '../../shared/protocol.ts';
import type { FinishedRun } from '../../shared/work.ts';
import { STEPS } from './scheduler-curves.ts';

/** What was acknowledged, by sweep and run. */
export interface Acknowledged {
  sweepId: string;
  run: number;
  /** How far. */
  to: number;
  /** Of the last segment; empty before. */
  weightsDigest: string;
  token: string;
}

/** All that the clients of a kill test were told. */
export class Told {
  /** The sweep to prefer now. */
  sweepId: string | null = null;
  readonly acknowledged = new Map<string, Acknowledged>();
  readonly problems: string[] = [];
  readonly counts = {
    acknowledgements: 0,
    segments: 0,
    unneeded: 0,
    handedBack: 0,
    vanished: 0,
    busy: 0,
    lost: 0,
  };
  /** Requests that were turned down, by code and by what they were about. */
  readonly codes: Record<string, number> = {};

  accepted({ sweepId, run, to, weightsDigest }: FinishedRun, token: string): void {
    this.counts.acknowledgements++;
    const key = `${sweepId} ${run}`;
    const before = this.acknowledged.get(key);
    if (to < STEPS) {
      this.counts.segments++;
      if (!before) this.acknowledged.set(key, { sweepId, run, to, weightsDigest: '', token });
      return;
    }
    if (before?.to === STEPS && before.token !== token)
      this.problems.push(`run ${run} of ${sweepId} was taken from two volunteers`);
    if (before?.to !== STEPS) this.acknowledged.set(key, { sweepId, run, to, weightsDigest, token });
  }

  /** Runs acknowledged to their end. */
  finishedRuns(): number {
    return [...this.acknowledged.values()].filter(({ to }) => to === STEPS).length;
  }

  /** Notes a refusal and returns it in words. */
  turnedDown(what: string, body: unknown): string {
    const code = `${(body as Partial<ErrorReply> | null)?.error?.code ?? 'none'} (${what})`;
    this.codes[code] = (this.codes[code] ?? 0) + 1;
    return `turned down: ${code}`;
  }

  /** Copies of what was acknowledged so far, by sweep. */
  bySweep(): Map<string, Acknowledged[]> {
    return Map.groupBy([...this.acknowledged.values()], ({ sweepId }) => sweepId);
  }
}
