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
  CREATE TABLE bundles (number INTEGER PRIMARY KEY, key TEXT NOT NULL, pages TEXT NOT NULL DEFAULT '[]',
    runs INTEGER NOT NULL DEFAULT 0, emptied_at INTEGER);
  CREATE TABLE snapshot (part INTEGER PRIMARY KEY, data BLOB NOT NULL);
`;

/** Added since: records that found no room on their page's row, parts of curves, and what the last audit saw. */
const ADDED = `
  CREATE TABLE IF NOT EXISTS more_records (place INTEGER PRIMARY KEY, records TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS parts (number INTEGER PRIMARY KEY, key TEXT NOT NULL, bytes INTEGER NOT NULL,
    runs INTEGER NOT NULL, rows INTEGER NOT NULL, sha256 TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS audited (part INTEGER PRIMARY KEY, data BLOB NOT NULL);
`;

/** What the release before stored: called segments, and one stripe without saying so. */
const FROM_1 = `
  ALTER TABLE segments RENAME TO bundles;
  ALTER TABLE bundles ADD COLUMN pages TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE bundles ADD COLUMN runs INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE bundles ADD COLUMN emptied_at INTEGER;
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

/** How many runs of each page lie in a bundle. */
export type RunsOnPages = [page: number, runs: number][];

export interface StoredPart {
  key: string;
  bytes: number;
  runs: number;
  rows: number;
  /** Of its bytes, in hexadecimal digits. */
  sha256: string;
}

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
      this.countBundled();
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
    this.putMore(page, more);
  }

  /** The same records, whose curves now lie elsewhere. */
  movePage(page: number, records: readonly RunRecord[]): void {
    const [first = '[]', ...more] = inRows(records.map(exactJson));
    this.sql.exec('UPDATE pages SET records = ? WHERE page = ?', first, page);
    this.putMore(page, more);
  }

  private putMore(page: number, more: readonly string[]): void {
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

  /** Pages from one on that may hold runs a volunteer had a part in, ascending. */
  pagesWith(volunteerId: string, from: number): number[] {
    const query =
      'SELECT page FROM pages WHERE page >= ? AND (credits IS NULL OR instr(credits, ?) > 0) ORDER BY page';
    return this.sql
      .exec<{ page: number }>(query, from, volunteerId)
      .toArray()
      .map(({ page }) => page);
  }

  nextBundle(): number {
    const query = 'SELECT coalesce(max(number), 0) + 1 AS next FROM bundles';
    return this.sql.exec<{ next: number }>(query).one().next;
  }

  addBundle(number: number, key: string, pages: RunsOnPages): void {
    const query = 'INSERT INTO bundles (number, key, pages, runs) VALUES (?, ?, ?, ?)';
    this.sql.exec(query, number, key, exactJson(pages), runsOn(pages));
  }

  /** What is to be moved to parts, and since when the first of the emptied bundles may be deleted; null for none. */
  backlog(): { bundles: number; runs: number; emptiedAtMs: number | null } {
    const query = `SELECT count(*) FILTER (WHERE emptied_at IS NULL) AS bundles,
      coalesce(sum(runs), 0) AS runs, min(emptied_at) FILTER (WHERE key <> '') AS emptiedAtMs FROM bundles`;
    return this.sql.exec<{ bundles: number; runs: number; emptiedAtMs: number | null }>(query).one();
  }

  /** Bundles that some run lies in, oldest first. */
  bundles(): { number: number; pages: RunsOnPages }[] {
    const query = 'SELECT number, pages FROM bundles WHERE emptied_at IS NULL ORDER BY number';
    return this.sql
      .exec<{ number: number; pages: string }>(query)
      .toArray()
      .map(({ number, pages }) => ({ number, pages: JSON.parse(pages) }));
  }

  /** The runs that are left in a bundle; without any it is of no use from now on. */
  leaveInBundle(number: number, pages: RunsOnPages, nowMs: number): void {
    const query = 'UPDATE bundles SET pages = ?, runs = ?, emptied_at = ? WHERE number = ?';
    this.sql.exec(query, exactJson(pages), runsOn(pages), pages.length > 0 ? null : nowMs, number);
  }

  /** Bundles without runs since then, or longer. */
  emptiedBundles(atMs: number, max: number): { number: number; key: string }[] {
    const query =
      "SELECT number, key FROM bundles WHERE emptied_at <= ? AND key <> '' ORDER BY number LIMIT ?";
    return this.sql.exec<{ number: number; key: string }>(query, atMs, max).toArray();
  }

  /** Forgets bundles that are deleted. The last number stays on record, so that none is ever given twice. */
  forgetBundles(numbers: readonly number[]): void {
    const among = 'number IN (SELECT value FROM json_each(?))';
    this.sql.exec(`UPDATE bundles SET key = '' WHERE ${among}`, exactJson(numbers));
    this.sql.exec("DELETE FROM bundles WHERE key = '' AND number < (SELECT max(number) FROM bundles)");
  }

  bundleKey(number: number): string {
    return this.sql.exec<{ key: string }>('SELECT key FROM bundles WHERE number = ?', number).one().key;
  }

  nextPart(): number {
    const query = 'SELECT coalesce(max(number), 0) + 1 AS next FROM parts';
    return this.sql.exec<{ next: number }>(query).one().next;
  }

  addPart(number: number, { key, bytes, runs, rows, sha256 }: StoredPart): void {
    const query = 'INSERT INTO parts (number, key, bytes, runs, rows, sha256) VALUES (?, ?, ?, ?, ?, ?)';
    this.sql.exec(query, number, key, bytes, runs, rows, sha256);
  }

  /** In the order they were made. */
  allParts(): StoredPart[] {
    const query = 'SELECT key, bytes, runs, rows, sha256 FROM parts ORDER BY number';
    return this.sql.exec<{ [K in keyof StoredPart]: StoredPart[K] }>(query).toArray();
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

  /** The release before did not note which runs lie in which bundle. */
  private countBundled(): void {
    const bundles = new Map<number, Map<number, number>>();
    for (const { page } of this.sql.exec<{ page: number }>('SELECT page FROM pages').toArray()) {
      for (const { place } of this.page(page)) {
        if (place.in !== 'bundle') continue;
        const pages = bundles.get(place.number) ?? new Map<number, number>();
        bundles.set(place.number, pages.set(page, (pages.get(page) ?? 0) + 1));
      }
    }
    for (const [number, pages] of bundles) this.leaveInBundle(number, [...pages], 0);
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

const runsOn = (pages: RunsOnPages): number => pages.reduce((sum, [, runs]) => sum + runs, 0);

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
