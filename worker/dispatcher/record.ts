import type { LedgerEvent } from '../../shared/ledger.ts';
import type { Milestones } from '../../shared/measures/milestones.ts';
import type { AcceptedRun } from '../../shared/promises.ts';

/** Where a curve's bytes are: in a row of the log, then in a bundle, in the end as rows of a part. */
export type Place =
  | { in: 'log' | 'bundle'; number: number; offset: number; bytes: number }
  | { in: 'part'; number: number; firstRow: number; rows: number };

/** All that is kept of an accepted result besides its curve. `run` counts within the stripe. */
export interface RunRecord extends AcceptedRun {
  milestones: Milestones;
  /** Where its last segment began; missing where that is where the one before ended, or step 0 without one. */
  from?: number;
  engine: string;
  engineVersion: string;
  /** Of all segments together. */
  elapsedMs: number;
  weightsDigest: string;
  finishedAtMs: number;
  place: Place;
  /** SHA-256 of the snapshots that other runs may take something from, by name. */
  snapshots?: Record<string, string>;
}

/** One step in the life of the sweep. An accepted run brings its record and its curve. */
export interface Entry {
  event: LedgerEvent;
  result: { record: RunRecord; curve: Uint8Array } | null;
  /** With a `grown` event: the sweep as the researcher has changed it, as JSON. */
  spec?: string;
}

/** What one row of the log says; the curves lie beside it, one after the other. */
export interface LogRow {
  events: LedgerEvent[];
  records: RunRecord[];
  /** The newest of the row's entries that has one. */
  spec?: string;
}

/** What each volunteer gets for the records, earlier segments of their runs included. */
export function creditsOf(
  records: Iterable<Pick<RunRecord, 'volunteerId' | 'credit' | 'earlier'>>,
): Map<string, number> {
  const credits = new Map<string, number>();
  for (const record of records)
    for (const { volunteerId, credit } of [...record.earlier, record])
      credits.set(volunteerId, (credits.get(volunteerId) ?? 0) + credit);
  return credits;
}

/** Records as they are stored; those of the release before are brought up to date. */
export const recordsOf = (json: string): RunRecord[] => (JSON.parse(json) as OldRecord[]).map(upToDate);

export function logRowOf(json: string): LogRow {
  const row: Omit<LogRow, 'events' | 'records'> & { events: OldEvent[]; records: OldRecord[] } =
    JSON.parse(json);
  return { ...row, events: row.events.map(upToDateEvent), records: row.records.map(upToDate) };
}

/** That release called bundles segments, and knew no handed-over runs. */
interface OldBundle {
  in: 'segment';
  number: number;
  offset: number;
  bytes: number;
}
type OldPlace = Place | OldBundle;
const isSegment = (place: OldPlace): place is OldBundle => place.in === 'segment';
type OldRecord = Omit<RunRecord, 'earlier' | 'place'> & { earlier?: RunRecord['earlier']; place: OldPlace };

const upToDate = ({ place, earlier = [], ...rest }: OldRecord): RunRecord => ({
  ...rest,
  earlier,
  place: isSegment(place) ? { ...place, in: 'bundle' } : place,
});

/** Nor did it say when something happened. */
type OldEvent = LedgerEvent & { atMs?: number; progress?: number };

function upToDateEvent(event: OldEvent): LedgerEvent {
  if (event.type === 'leased') return { ...event, atMs: event.atMs ?? event.untilMs };
  if (event.type === 'extended')
    return { ...event, atMs: event.atMs ?? event.untilMs, progress: event.progress ?? 0 };
  return event;
}
