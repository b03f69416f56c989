import { expect, test, vi } from 'vitest';
import { CommitLog } from './log.ts';
import type { Entry, LogRow, RunRecord } from './record.ts';
import type { Tables } from './tables.ts';

interface Row {
  seq: number;
  row: LogRow;
  curves: Uint8Array;
}

function logOver(rows: Row[], lastSeq: number) {
  const tables = {
    lastSeq: () => lastSeq,
    atomically: (write: () => void) => write(),
    appendLog: (seq: number, row: LogRow, curves: Uint8Array) =>
      rows.push({ seq, row: structuredClone(row), curves }),
  } as unknown as Tables;
  const onCommit = vi.fn();
  const onFailure = vi.fn();
  return { log: new CommitLog({ tables, onCommit, onFailure }), tables, onCommit, onFailure };
}

const entry = (run: number, bytes: number): Entry => {
  const event = { type: 'accepted', unit: run, run, volunteerId: 'v', credit: 1 } as const;
  const record = {
    run,
    earlier: [],
    place: { in: 'log', number: 0, offset: 0, bytes },
  } as unknown as RunRecord;
  return { event, result: { record, curve: new Uint8Array(bytes).fill(run) } };
};

test('many decisions become one row, and whoever waits is told once it is written', async () => {
  const rows: Row[] = [];
  const { log, onCommit } = logOver(rows, 41);
  await log.settled();
  for (let run = 0; run < 5; run++) log.add(entry(run, 10));
  expect(rows).toEqual([]);
  await log.settled();
  expect(rows.map(({ seq, row }) => [seq, row.events.length])).toEqual([[42, 5]]);
  expect([log.seq, onCommit.mock.calls.length]).toEqual([42, 1]);
  expect(onCommit.mock.calls[0]?.[0]).toBeGreaterThan(50);
});

test('a row never outgrows what the database takes, and every record finds its curve', () => {
  const rows: Row[] = [];
  const { log } = logOver(rows, 0);
  for (let run = 0; run < 200; run++) log.add(entry(run, 20_000 + run));
  log.flush();
  expect(rows.length).toBeGreaterThan(2);
  expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, i) => i + 1));
  const records = rows.flatMap(({ seq, row, curves }) => {
    expect(curves.length + JSON.stringify(row).length).toBeLessThan(1.5 * 1024 * 1024);
    return row.records.map(({ run, place }) => {
      if (place.in === 'part') throw new Error('nothing is in a part yet');
      const { number, offset, bytes } = place;
      expect(number).toBe(seq);
      const curve = curves.subarray(offset, offset + bytes);
      return [run, bytes, curve.every((byte) => byte === run)];
    });
  });
  expect(records).toEqual(Array.from({ length: 200 }, (_, run) => [run, 20_000 + run, true]));
});

test('a failure reaches everybody who waits, and is reported once', async () => {
  const { log, tables, onFailure } = logOver([], 0);
  tables.atomically = () => {
    throw new Error('the disk is full');
  };
  log.add(entry(0, 1));
  const waiting = [log.settled(), log.settled()].map((promise) => promise.then(String, String));
  expect(await Promise.all(waiting)).toEqual(['Error: the disk is full', 'Error: the disk is full']);
  expect([onFailure.mock.calls.length, log.seq]).toEqual([1, 0]);
});

test('a row has room for the many segments of a run that went through many hands', () => {
  const rows: Row[] = [];
  const { log } = logOver(rows, 0);
  for (let run = 0; run < 4; run++) {
    const one = entry(run, 10);
    const segment = { volunteerId: 'v'.repeat(32), digest: 'd'.repeat(64), engine: 'e'.repeat(80) };
    if (one.result) Object.assign(one.result.record, { earlier: Array(1600).fill(segment) });
    log.add(one);
  }
  log.flush();
  for (const { row } of rows) expect(JSON.stringify(row).length).toBeLessThan(2 * 1024 * 1024);
  expect(rows.length).toBeGreaterThan(1);
});

test('after a busy commit the next one waits longer, and brings more', () => {
  const waits: number[] = [];
  const tables = { lastSeq: () => 0, atomically: (write: () => void) => write(), appendLog: () => {} };
  const log = new CommitLog({
    tables: tables as unknown as Tables,
    onCommit: () => {},
    onFailure: () => {},
    later: (_, ms) => waits.push(ms),
  });
  for (const decisions of [1, 40, 1, 1]) {
    for (let i = 0; i < decisions; i++) log.add(entry(i, 1));
    log.flush();
  }
  expect(waits).toEqual([20, 20, 50, 20]);
});
