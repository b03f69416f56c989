import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Given, givenSweep, Hand, SLOW, segment, whole } from '../../test/api/hand.ts';
import { at, inside, memoryOf, objectAt } from '../../test/api/inside.ts';
import { env } from '../../test/api/world.ts';
import { type Audit, auditOf } from './audit.ts';

let given: Given;
let id: string;
let number = 0;
const hand = new Hand(1);

beforeEach(async () => {
  given = await givenSweep(`audited-${number++}`);
  id = given.id;
});

const audit = () => objectAt(id).audit(at(id)) as Promise<Audit>;
const problems = async () => (await audit()).problems.join('; ');
const bundle = async () => (await env.BLOBS.list({ prefix: `bundles/${id}/` })).objects[0]?.key ?? '';

async function finished(): Promise<void> {
  await hand.finish(id);
  await runDurableObjectAlarm(objectAt(id));
}

test('a sound sweep has no problems, empty, half done and folded', async () => {
  await objectAt(id).open(at(id));
  expect(await audit()).toEqual({ runs: 0, curves: 0, problems: [] });
  const lease = await hand.lease(id, SLOW);
  await hand.deliver(id, await segment(given, lease, { run: 0, from: 0, to: 10 }));
  expect(await audit()).toEqual({ runs: 0, curves: 0, problems: [] });
  await hand.deliver(id, whole(lease, 0, { from: 10 }));
  expect(await audit()).toEqual({ runs: 1, curves: 1, problems: [] });
  await finished();
  expect(await audit()).toEqual({ runs: 8, curves: 8, problems: [] });
});

test('a curve that is gone or changed is found', async () => {
  await finished();
  const key = await bundle();
  const stored = new Uint8Array((await (await env.BLOBS.get(key))?.arrayBuffer()) ?? new ArrayBuffer());
  const changed = stored.slice();
  changed[16] = (changed[16] as number) ^ 1;
  await env.BLOBS.put(key, changed);
  expect(await problems()).toBe('P1: the curve of run 0 is not the one that was delivered');
  await env.BLOBS.delete(key);
  const all = await audit();
  expect(all.problems).toHaveLength(8);
  expect(all.problems[0]).toContain('cannot be read');
  await env.BLOBS.put(key, stored);
  expect(await problems()).toBe('');
});

test.each<[string, string, string]>([
  ['a record that is gone', "UPDATE pages SET records = '[]'", 'P2: 8 runs count as done, 0 are on record'],
  [
    'credit that was changed',
    `UPDATE pages SET records = replace(records, '"credit":1', '"credit":2')`,
    'P5: ',
  ],
  ['a snapshot that is gone', 'DELETE FROM snapshot', 'does not lead to what is in memory'],
  [
    'milestones that were changed',
    `UPDATE pages SET records = replace(records, '"tGen":20', '"tGen":21')`,
    'does not follow from its records',
  ],
])('%s is found', async (_, damage, words) => {
  await finished();
  expect(await problems()).toBe('');
  await inside(id, (_object, { sql }) => sql.exec(damage).toArray());
  expect(await problems()).toContain(words);
});

test('memory that runs ahead of storage is found', async () => {
  await finished();
  await inside(id, ({ opened }) => {
    opened.desk.state.ledger.doneRuns++;
  });
  expect(await problems()).toContain('does not lead to what is in memory');
});

test('P4: an outcome that no longer stands is found, and goes on being found', async () => {
  await finished();
  expect(await problems()).toBe('');
  await inside(id, (_object, { sql }) => {
    sql.exec('DELETE FROM snapshot');
    sql.exec("UPDATE pages SET records = '[]'");
  });
  await evictDurableObject(objectAt(id));
  for (let again = 0; again < 2; again++) expect(await problems()).toContain('P4: a run from 0 on was done');
});

test('P4: a unit that was accepted and is open again is found', async () => {
  await finished();
  const whatWas = new TextEncoder().encode(
    JSON.stringify({ nextUnit: 1, open: [], failed: [5], done: btoa('') }),
  );
  await evictDurableObject(objectAt(id));
  await inside(id, ({ tables }) => tables.putAudited(whatWas));
  expect(await problems()).toBe('P4: the outcome of unit 5 has changed since the last audit');
});

describe('a sweep too large to be read as a whole', () => {
  const inParts = () =>
    inside(id, ({ opened, tables }) => auditOf(opened.desk, tables, env.BLOBS, 0)) as Promise<Audit>;

  test('is sound when it is', async () => {
    const lease = await hand.lease(id, SLOW);
    await hand.deliver(id, await segment(given, lease, { run: 0, from: 0, to: 10 }));
    expect(await inParts()).toEqual({ runs: 0, curves: 0, problems: [] });
    await hand.deliver(id, whole(lease, 0, { from: 10 }));
    expect(await inParts()).toEqual({ runs: 1, curves: 1, problems: [] });
    await finished();
    expect(await inParts()).toEqual({ runs: 8, curves: 8, problems: [] });
  });

  test.each<[string, string, string]>([
    ['a record that is gone', "UPDATE pages SET records = '[]'", 'P1: run 0 is done or on record, not both'],
    [
      'credit that was changed',
      `UPDATE pages SET records = replace(records, '"credit":1', '"credit":2')`,
      'P5: the credit of page 0',
    ],
    ['a sum that was changed', "UPDATE pages SET credits = '[]'", 'P5: '],
    [
      'credit that was changed where no sums are kept',
      `UPDATE pages SET credits = NULL, records = replace(records, '"credit":1', '"credit":2')`,
      'P5: volunteer 0000… has credit',
    ],
    [
      'milestones that were changed',
      `UPDATE pages SET records = replace(records, '"tGen":20', '"tGen":21')`,
      'the summary of run 0',
    ],
  ])('%s is found', async (_, damage, words) => {
    await finished();
    await inside(id, (_object, { sql }) => sql.exec(damage).toArray());
    const problems = (await inParts()).problems.join('; ');
    expect(problems).toContain(words);
    expect(problems).not.toContain(hand.volunteerId);
  });
});

test('a rebuild tells D1 everything anew', async () => {
  await finished();
  const stored = async () => {
    const all = (table: string) => env.DB.prepare(`SELECT * FROM ${table} WHERE sweep_id = ?`).bind(id).all();
    const tables = await Promise.all(['cells', 'contributions', 'stripes'].map(all));
    return tables.map(({ results }) => results.map(({ seq: _, ...row }) => row));
  };
  const before = await stored();
  await env.DB.prepare("UPDATE cells SET aggregate = '{}', sample_run = 99 WHERE sweep_id = ?")
    .bind(id)
    .run();
  await env.DB.prepare('DELETE FROM contributions WHERE sweep_id = ?').bind(id).run();
  await env.DB.prepare('UPDATE stripes SET finished_runs = 1 WHERE sweep_id = ?').bind(id).run();
  expect(await objectAt(id).rebuild(at(id))).toBe(true);
  expect(await stored()).toEqual(before);
  expect((await memoryOf(id)).ledger.doneRuns).toBe(8);
});
