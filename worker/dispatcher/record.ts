import type { Milestones } from '../../shared/measures/milestones.ts';
import type { AcceptedRun } from '../../shared/promises.ts';
import type { LedgerEvent } from '../../shared/unit.ts';

/** All that is kept of an accepted result besides its curve. */
export interface RunRecord extends AcceptedRun {
  milestones: Milestones;
  engine: string;
  engineVersion: string;
  elapsedMs: number;
  weightsDigest: string;
  finishedAtMs: number;
  /** Where the curve's bytes are: in a row of the log, later in a segment. */
  place: { in: 'log' | 'segment'; number: number; offset: number; bytes: number };
}

/** One step in the life of the sweep. An accepted run brings its record and its curve. */
export interface Entry {
  event: LedgerEvent;
  result: { record: RunRecord; curve: Uint8Array } | null;
}

/** What one row of the log says; the curves lie beside it, one after the other. */
export interface LogRow {
  events: LedgerEvent[];
  records: RunRecord[];
}
