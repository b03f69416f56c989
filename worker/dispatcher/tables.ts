// The tables inside one sweep's Durable Object, and all SQL on them. Everything here is synchronous.

import { exactJson } from '../digest.ts';
import type { LogRow, RunRecord } from './record.ts';
import { RUNS_PER_PAGE } from './summaries.ts';

const CREATE = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE log (seq INTEGER PRIMARY KEY, entries TEXT NOT NULL, curves BLOB NOT NULL);
  CREATE TABLE pages (page INTEGER PRIMARY KEY, seq INTEGER NOT NULL, summary BLOB NOT NULL, records TEXT NOT NULL);
  CREATE TABLE segments (number INTEGER PRIMARY KEY, key TEXT NOT NULL);
  CREATE TABLE snapshot (part INTEGER PRIMARY KEY, data BLOB NOT NULL);
`;

/** A row may have 2 MB. */
const PART_BYTES = 1024 * 1024;

export type Meta = { sweepId: string; spec: string; foldedSeq: number; projectedSeq: number };

export class Tables {
  private readonly storage: DurableObjectStorage;
  private readonly sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.storage = storage;
    this.sql = storage.sql;
  }

  /** All of it or nothing: a throw in the callback undoes every statement in it. */
  atomically<T>(write: () => T): T {
    return this.storage.transactionSync(write);
  }

  exist(): boolean {
    return this.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'meta'").toArray().length > 0;
  }

  create(sweepId: string, spec: string): void {
    this.atomically(() => {
      this.sql.exec(CREATE);
      for (const [key, value] of Object.entries({ sweepId, spec, foldedSeq: 0, projectedSeq: 0 })) {
        this.sql.exec('INSERT INTO meta (key, value) VALUES (?, ?)', key, value);
      }
    });
  }

  meta<K extends keyof Meta>(key: K): Meta[K] {
    return this.sql.exec<{ value: Meta[K] }>('SELECT value FROM meta WHERE key = ?', key).one().value;
  }

  setMeta<K extends keyof Meta>(key: K, value: Meta[K]): void {
    this.sql.exec('UPDATE meta SET value = ? WHERE key = ?', value, key);
  }

  appendLog(seq: number, row: LogRow, curves: Uint8Array): void {
    this.sql.exec('INSERT INTO log (seq, entries, curves) VALUES (?, ?, ?)', seq, exactJson(row), curves);
  }

  /** The sequence number of the last row ever written, folded or not. */
  lastSeq(): number {
    const [row] = this.sql.exec<{ seq: number | null }>('SELECT max(seq) AS seq FROM log').toArray();
    return Math.max(row?.seq ?? 0, this.meta('foldedSeq'));
  }

  *log(upTo = Number.MAX_SAFE_INTEGER): Generator<{ seq: number; row: LogRow }> {
    for (let seq = 0; ; ) {
      const query = 'SELECT seq, entries FROM log WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT 1';
      const [next] = this.sql.exec<{ seq: number; entries: string }>(query, seq, upTo).toArray();
      if (!next) return;
      seq = next.seq;
      yield { seq, row: JSON.parse(next.entries) };
    }
  }

  logIsEmpty(): boolean {
    return this.sql.exec('SELECT 1 FROM log LIMIT 1').toArray().length === 0;
  }

  trimLog(upTo: number): void {
    this.sql.exec('DELETE FROM log WHERE seq <= ?', upTo);
  }

  curvesOf(seq: number): Uint8Array {
    return new Uint8Array(
      this.sql.exec<{ curves: ArrayBuffer }>('SELECT curves FROM log WHERE seq = ?', seq).one().curves,
    );
  }

  curveInLog({ number, offset, bytes }: RunRecord['place']): Uint8Array {
    const query = 'SELECT substr(curves, ?, ?) AS curve FROM log WHERE seq = ?';
    return new Uint8Array(
      this.sql.exec<{ curve: ArrayBuffer }>(query, offset + 1, bytes, number).one().curve,
    );
  }

  page(page: number): RunRecord[] {
    const [row] = this.sql
      .exec<{ records: string }>('SELECT records FROM pages WHERE page = ?', page)
      .toArray();
    return row ? JSON.parse(row.records) : [];
  }

  putPage(page: number, seq: number, summary: Uint8Array, records: readonly RunRecord[]): void {
    if (records.length > RUNS_PER_PAGE) throw new Error(`${records.length} records on page ${page}`);
    const query = 'INSERT OR REPLACE INTO pages (page, seq, summary, records) VALUES (?, ?, ?, ?)';
    this.sql.exec(query, page, seq, summary, exactJson(records));
  }

  summaries() {
    return this.sql.exec<{ page: number; seq: number; summary: ArrayBuffer }>(
      'SELECT page, seq, summary FROM pages',
    );
  }

  nextSegment(): number {
    const query = 'SELECT coalesce(max(number), 0) + 1 AS next FROM segments';
    return this.sql.exec<{ next: number }>(query).one().next;
  }

  addSegment(number: number, key: string): void {
    this.sql.exec('INSERT INTO segments (number, key) VALUES (?, ?)', number, key);
  }

  segmentKey(number: number): string {
    return this.sql.exec<{ key: string }>('SELECT key FROM segments WHERE number = ?', number).one().key;
  }

  putSnapshot(bytes: Uint8Array): void {
    this.sql.exec('DELETE FROM snapshot');
    for (let part = 0; part * PART_BYTES < bytes.length; part++) {
      const data = bytes.slice(part * PART_BYTES, (part + 1) * PART_BYTES);
      this.sql.exec('INSERT INTO snapshot (part, data) VALUES (?, ?)', part, data);
    }
  }

  snapshot(): Uint8Array | null {
    const rows = this.sql.exec<{ data: ArrayBuffer }>('SELECT data FROM snapshot ORDER BY part').toArray();
    return rows.length > 0 ? joined(rows.map(({ data }) => new Uint8Array(data))) : null;
  }
}

/** Byte arrays one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
