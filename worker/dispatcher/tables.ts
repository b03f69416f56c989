// The tables inside one sweep's Durable Object, and all SQL on them. Everything here is synchronous.

import type { Stripe } from '../../shared/spec/stripe.ts';
import { exactJson } from '../digest.ts';
import { creditsOf, type LogRow, logRowOf, type RunRecord, recordsOf } from './record.ts';
import { RUNS_PER_PAGE } from './summaries.ts';

const CREATE = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE log (seq INTEGER PRIMARY KEY, entries TEXT NOT NULL, curves BLOB NOT NULL);
  CREATE TABLE pages (page INTEGER PRIMARY KEY, seq INTEGER NOT NULL, summary BLOB NOT NULL, records TEXT NOT NULL,
    credits TEXT);
  CREATE TABLE bundles (number INTEGER PRIMARY KEY, key TEXT NOT NULL);
  CREATE TABLE snapshot (part INTEGER PRIMARY KEY, data BLOB NOT NULL);
`;

/** Added since: records that found no room on their page's row, parts of curves, and what the last audit saw. */
const ADDED = `
  CREATE TABLE IF NOT EXISTS more_records (place INTEGER PRIMARY KEY, records TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS parts (number INTEGER PRIMARY KEY, key TEXT NOT NULL, bytes INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS audited (part INTEGER PRIMARY KEY, data BLOB NOT NULL);
`;

/** What the release before stored: called segments, and one stripe without saying so. */
const FROM_1 = `
  ALTER TABLE segments RENAME TO bundles;
  ALTER TABLE pages ADD COLUMN credits TEXT;
  INSERT INTO meta (key, value) VALUES ('stripes', 1), ('stripe', 0), ('grownSeq', 0), ('auditedRun', 0);
`;

/** A row may have 2 MB. */
const PART_BYTES = 1024 * 1024;
/** Rows of records a page may need besides its own. */
const ROWS_PER_PAGE = 1024;

export type Meta = {
  sweepId: string;
  spec: string;
  stripes: number;
  stripe: number;
  foldedSeq: number;
  projectedSeq: number;
  /** Where runs were last added, as far as that is folded. */
  grownSeq: number;
  /** The run at which the next audit goes on. */
  auditedRun: number;
};

/** What is stored of one stripe, as the rest of the dispatcher and the simulator see it. */
export type StoredSweep = Pick<Tables, keyof Tables>;

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

  create(sweepId: string, spec: string, { stripes, stripe }: Stripe): void {
    const seqs = { foldedSeq: 0, projectedSeq: 0, grownSeq: 0, auditedRun: 0 };
    const meta: Meta = { sweepId, spec, stripes, stripe, ...seqs };
    this.atomically(() => {
      this.sql.exec(CREATE);
      this.sql.exec(ADDED);
      for (const [key, value] of Object.entries(meta)) {
        this.sql.exec('INSERT INTO meta (key, value) VALUES (?, ?)', key, value);
      }
    });
  }

  /** Brings what an earlier release stored up to date. Safe to repeat. */
  migrate(): void {
    const isOld = this.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'segments'").toArray().length > 0;
    if (!isOld) return;
    this.atomically(() => {
      this.sql.exec(FROM_1);
      this.sql.exec(ADDED);
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
      yield { seq, row: logRowOf(next.entries) };
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

  curveInLog({ number, offset, bytes }: { number: number; offset: number; bytes: number }): Uint8Array {
    const query = 'SELECT substr(curves, ?, ?) AS curve FROM log WHERE seq = ?';
    return new Uint8Array(
      this.sql.exec<{ curve: ArrayBuffer }>(query, offset + 1, bytes, number).one().curve,
    );
  }

  page(page: number): RunRecord[] {
    const first = 'SELECT records FROM pages WHERE page = ?';
    const more = 'SELECT records FROM more_records WHERE place >= ? AND place < ? ORDER BY place';
    return [
      ...this.sql.exec<{ records: string }>(first, page),
      ...this.sql.exec<{ records: string }>(more, page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE),
    ].flatMap(({ records }) => recordsOf(records));
  }

  /** Records in rows of their own where one does not take them all. */
  putPage(page: number, seq: number, summary: Uint8Array, records: readonly RunRecord[]): void {
    if (records.length > RUNS_PER_PAGE) throw new Error(`${records.length} records on page ${page}`);
    const [first = '[]', ...more] = inRows(records.map(exactJson));
    const query =
      'INSERT OR REPLACE INTO pages (page, seq, summary, records, credits) VALUES (?, ?, ?, ?, ?)';
    this.sql.exec(query, page, seq, summary, first, exactJson([...creditsOf(records)]));
    const place = page * ROWS_PER_PAGE;
    const stale = 'DELETE FROM more_records WHERE place >= ? AND place < ?';
    this.sql.exec(stale, place + more.length, place + ROWS_PER_PAGE);
    more.forEach((text, i) => {
      const insert = 'INSERT OR REPLACE INTO more_records (place, records) VALUES (?, ?)';
      this.sql.exec(insert, place + i, text);
    });
  }

  summaries() {
    return this.sql.exec<{ page: number; seq: number; summary: ArrayBuffer }>(
      'SELECT page, seq, summary FROM pages',
    );
  }

  /** The credit of every volunteer for the records of each page, as it was when the page was written. */
  *credits(): Generator<Map<string, number>> {
    const pages = this.sql.exec<{ page: number }>('SELECT page FROM pages').toArray();
    for (const { page } of pages) yield this.creditsOfPage(page) ?? creditsOf(this.page(page));
  }

  /** Null where there is no such page, or the release before wrote it. */
  creditsOfPage(page: number): Map<string, number> | null {
    const query = 'SELECT credits FROM pages WHERE page = ?';
    const [row] = this.sql.exec<{ credits: string | null }>(query, page).toArray();
    return row?.credits ? new Map(JSON.parse(row.credits)) : null;
  }

  nextBundle(): number {
    const query = 'SELECT coalesce(max(number), 0) + 1 AS next FROM bundles';
    return this.sql.exec<{ next: number }>(query).one().next;
  }

  addBundle(number: number, key: string): void {
    this.sql.exec('INSERT INTO bundles (number, key) VALUES (?, ?)', number, key);
  }

  bundleKey(number: number): string {
    return this.sql.exec<{ key: string }>('SELECT key FROM bundles WHERE number = ?', number).one().key;
  }

  nextPart(): number {
    const query = 'SELECT coalesce(max(number), 0) + 1 AS next FROM parts';
    return this.sql.exec<{ next: number }>(query).one().next;
  }

  addPart(number: number, key: string, bytes: number): void {
    this.sql.exec('INSERT INTO parts (number, key, bytes) VALUES (?, ?, ?)', number, key, bytes);
  }

  part(number: number): { key: string; bytes: number } {
    const query = 'SELECT key, bytes FROM parts WHERE number = ?';
    return this.sql.exec<{ key: string; bytes: number }>(query, number).one();
  }

  putSnapshot(bytes: Uint8Array): void {
    this.putParts('snapshot', bytes);
  }

  snapshot(): Uint8Array | null {
    return this.parts('snapshot');
  }

  putAudited(bytes: Uint8Array): void {
    this.putParts('audited', bytes);
  }

  audited(): Uint8Array | null {
    return this.parts('audited');
  }

  private putParts(table: 'snapshot' | 'audited', bytes: Uint8Array): void {
    const count = Math.ceil(bytes.length / PART_BYTES);
    for (let part = 0; part < count; part++) {
      const data = bytes.slice(part * PART_BYTES, (part + 1) * PART_BYTES);
      this.sql.exec(`INSERT OR REPLACE INTO ${table} (part, data) VALUES (?, ?)`, part, data);
    }
    this.sql.exec(`DELETE FROM ${table} WHERE part >= ?`, count);
  }

  private parts(table: 'snapshot' | 'audited'): Uint8Array | null {
    const query = `SELECT data FROM ${table} ORDER BY part`;
    const rows = this.sql.exec<{ data: ArrayBuffer }>(query).toArray();
    return rows.length > 0 ? joined(rows.map(({ data }) => new Uint8Array(data))) : null;
  }
}

/** JSON arrays of the members, each of about a row's size. */
function inRows(members: readonly string[]): string[] {
  const rows: string[][] = [];
  let room = 0;
  for (const member of members) {
    // A character is at most three bytes, but nearly all of them are one.
    if (rows.length === 0 || room < member.length) {
      rows.push([]);
      room = PART_BYTES;
    }
    rows.at(-1)?.push(member);
    room -= member.length + 1;
  }
  return rows.map((row) => `[${row.join(',')}]`);
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
