import type { Ending, Segment, SweepMode } from './ledger.ts';

/** All that can happen to a ledger. */
export type LedgerEvent =
  | {
      type: 'leased';
      unit: number;
      first: number;
      count: number;
      stride?: number;
      volunteerId: string;
      deviceId: string;
      untilMs: number;
      atMs: number;
    }
  | {
      type: 'extended';
      unit: number;
      volunteerId: string;
      untilMs: number;
      progress: number;
      atMs: number;
    }
  | {
      type: 'ended';
      unit: number;
      volunteerId: string;
      ending: Ending;
      reason: string;
      /** The run whose checkpoint is disputed. */
      disputed?: number;
    }
  | { type: 'failed'; unit: number; isCancelled?: true }
  /** The researcher wants a failed unit tried again, by whomever. */
  | { type: 'reopened'; unit: number }
  /** A segment that is not the last one of its run. */
  | ({
      type: 'advanced';
      unit: number;
      run: number;
      checkpoint: string;
      end: readonly number[];
      /** Missing where the release before stored it. */
      atMs?: number;
    } & Segment)
  /** The last segment of a run: the run is done. Its credit is that of the segment. */
  | {
      type: 'accepted';
      unit: number;
      run: number;
      volunteerId: string;
      credit: number;
      isBarren?: true;
      /** Missing where the release before stored it. */
      atMs?: number;
    }
  /** A run begins anew: what there was to go on from cannot be used. */
  | { type: 'rewound'; unit: number; run: number; reason: string }
  | { type: 'mode'; mode: SweepMode }
  /** The researcher added runs. */
  | { type: 'grown'; runs: number };

export type EventOf<T extends LedgerEvent['type']> = Extract<LedgerEvent, { type: T }>;
