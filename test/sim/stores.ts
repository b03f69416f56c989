// What outlives the object: its tables, R2 and D1, each with the manners of the real one.

import type { LedgerEvent } from '../../shared/ledger.ts';
import type { Stripe } from '../../shared/spec/stripe.ts';
import { exactJson } from '../../worker/digest.ts';
import type { Projection } from '../../worker/dispatcher/project.ts';
import type { LogRow, RunRecord } from '../../worker/dispatcher/record.ts';
import type { Meta, StoredSweep } from '../../worker/dispatcher/tables.ts';
import type { Faults } from './chance.ts';

/** The object is gone in the middle of what it did. */
export class Crash extends Error {}

/** What a table holds is text or bytes: nobody shares memory with it. */
interface Rows {
  meta: Meta | null;
  log: Map<number, { text: string; curves: Uint8Array }>;
  pages: Map<number, { seq: number; summary: Uint8Array; text: string }>;
  bundles: Map<number, string>;
  snapshot: Uint8Array | null;
}

export class MemoryTables {
  private rows: Rows = { meta: null, log: new Map(), pages: new Map(), bundles: new Map(), snapshot: null };
  private readonly faults: Faults;
  private undo: (() => void)[] | null = null;
  private read = new Map<string, RunRecord[]>();
  private readonly logged: Map<string, number>;
  /** Every event that was ever stored, whatever became of its row. */
  history: readonly LedgerEvent[] = [];

  /** `logged` counts the entries of the log by what they say. */
  constructor(faults: Faults, logged: Map<string, number>) {
    this.faults = faults;
    this.logged = logged;
  }

  /** As the dispatcher knows it. */
  get face(): StoredSweep {
    return this as unknown as StoredSweep;
  }

  atomically<T>(write: () => T): T {
    if (this.undo) throw new Error('a transaction within a transaction');
    const { faults } = this;
    this.undo = [];
    try {
      const result = write();
      if (faults.hit('crash within a commit')) throw new Crash();
      if (faults.hit('commit fails')) throw new Error('the disk is full');
      this.undo = null;
      if (faults.hit('commit reported as failed')) throw new Crash();
      return result;
    } catch (error) {
      for (const back of (this.undo ?? []).reverse()) back();
      throw error;
    } finally {
      this.undo = null;
    }
  }

  exist(): boolean {
    return this.rows.meta !== null;
  }

  migrate(): void {}

  create(sweepId: string, spec: string, { stripes, stripe }: Stripe): void {
    this.rows.meta = {
      sweepId,
      spec,
      stripes,
      stripe,
      foldedSeq: 0,
      projectedSeq: 0,
      grownSeq: 0,
      auditedRun: 0,
    };
  }

  meta<K extends keyof Meta>(key: K): Meta[K] {
    return (this.rows.meta as Meta)[key];
  }

  setMeta<K extends keyof Meta>(key: K, value: Meta[K]): void {
    const before = this.rows.meta as Meta;
    this.change(() => {
      this.rows.meta = before;
    });
    this.rows.meta = { ...before, [key]: value };
  }

  appendLog(seq: number, row: LogRow, curves: Uint8Array): void {
    const { log } = this.rows;
    if (log.has(seq)) throw new Error(`row ${seq} of the log is there already`);
    this.change(() => log.delete(seq));
    log.set(seq, { text: exactJson(row), curves: curves.slice() });
    const before = this.history;
    this.change(() => {
      this.history = before;
    });
    this.history = [...before, ...row.events];
    for (const { type } of row.events) this.logged.set(type, (this.logged.get(type) ?? 0) + 1);
  }

  lastSeq(): number {
    return Math.max(0, ...this.rows.log.keys(), this.meta('foldedSeq'));
  }

  *log(upTo = Number.MAX_SAFE_INTEGER): Generator<{ seq: number; row: LogRow }> {
    for (const seq of [...this.rows.log.keys()].sort((a, b) => a - b))
      if (seq <= upTo) yield { seq, row: JSON.parse(this.rows.log.get(seq)?.text as string) };
  }

  logIsEmpty(): boolean {
    return this.rows.log.size === 0;
  }

  trimLog(upTo: number): void {
    const before = this.rows.log;
    this.change(() => {
      this.rows.log = before;
    });
    this.rows.log = new Map([...before].filter(([seq]) => seq > upTo));
  }

  curvesOf(seq: number): Uint8Array {
    return required(this.rows.log.get(seq)).curves.slice();
  }

  curveInLog({ number, offset, bytes }: { number: number; offset: number; bytes: number }): Uint8Array {
    return required(this.rows.log.get(number)).curves.slice(offset, offset + bytes);
  }

  page(page: number): RunRecord[] {
    const row = this.rows.pages.get(page);
    return row ? JSON.parse(row.text) : [];
  }

  /** The same, only to be looked at: read once. */
  recordsOnPages(): RunRecord[] {
    return [...this.rows.pages.values()].flatMap(({ text }) => {
      const known = this.read.get(text);
      if (known) return known;
      const records: RunRecord[] = JSON.parse(text);
      this.read = new Map([[text, records]]);
      return records;
    });
  }

  putPage(page: number, seq: number, summary: Uint8Array, records: readonly RunRecord[]): void {
    const { pages } = this.rows;
    const before = pages.get(page);
    this.change(() => (before ? pages.set(page, before) : pages.delete(page)));
    pages.set(page, { seq, summary: summary.slice(), text: exactJson(records) });
  }

  summaries() {
    return [...this.rows.pages].map(([page, { seq, summary }]) => ({
      page,
      seq,
      summary: summary.slice().buffer,
    }));
  }

  nextBundle(): number {
    return 1 + Math.max(0, ...this.rows.bundles.keys());
  }

  addBundle(number: number, key: string): void {
    const { bundles } = this.rows;
    if (bundles.has(number)) throw new Error(`bundle ${number} is there already`);
    this.change(() => bundles.delete(number));
    bundles.set(number, key);
  }

  bundleKey(number: number): string {
    return required(this.rows.bundles.get(number));
  }

  putSnapshot(bytes: Uint8Array): void {
    const before = this.rows.snapshot;
    this.change(() => {
      this.rows.snapshot = before;
    });
    this.rows.snapshot = bytes.slice();
  }

  snapshot(): Uint8Array | null {
    return this.rows.snapshot?.slice() ?? null;
  }

  private change(back: () => void): void {
    if (this.undo) {
      this.undo.push(back);
      if (this.faults.hit('throw between statements')) throw new Error('a statement failed');
    }
  }
}

function required<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('no such row');
  return row;
}

/** R2, for bundles and for states: under names that follow from the content. */
export class MemoryBlobs {
  readonly bundles = new Map<string, Uint8Array>();
  readonly states = new Map<string, Uint8Array>();
  readonly snapshots = new Map<string, Uint8Array>();
}

/** The tables of D1 that a dispatcher tells of itself; whatever is older than what is there changes nothing. */
export class MemoryD1 {
  readonly cells = new Map<number, { seq: number; text: string }>();
  readonly volunteers = new Map<
    string,
    Omit<Projection['volunteers'][number], 'volunteerId'> & { seq: number }
  >();
  readonly stripes = new Map<number, { seq: number; finishedRuns: number; failedRuns: number }>();

  tell(projection: Projection): void {
    const { stripe, seq, volunteers, finishedRuns, failedRuns } = projection;
    this.tellCells(projection);
    for (const { volunteerId, ...told } of volunteers) {
      const key = `${stripe}/${volunteerId}`;
      if (seq > (this.volunteers.get(key)?.seq ?? -1)) this.volunteers.set(key, { seq, ...told });
    }
    if (seq > (this.stripes.get(stripe)?.seq ?? -1))
      this.stripes.set(stripe, { seq, finishedRuns, failedRuns });
  }

  /** Forgets all, to be told anew. */
  forget(): void {
    for (const table of [this.cells, this.volunteers, this.stripes]) table.clear();
  }

  /** The first of its statements. */
  tellCells({ seq, cells }: Projection): void {
    for (const cell of cells)
      if (seq > (this.cells.get(cell.cell)?.seq ?? -1))
        this.cells.set(cell.cell, { seq, text: exactJson(cell) });
  }
}
