import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { CHANNELS, type Channel, type Curve, encodeCurve } from '../shared/curve.ts';
import { evaluationSteps } from '../shared/spec/evaluation-grid.ts';
import { type PartRun, readFooter, readRuns, writePart } from './parquet.ts';

const sweepId = 'a'.repeat(32);

/** A file in memory that counts how it is read. */
function fileOf(bytes: Uint8Array<ArrayBuffer>) {
  const reads: number[] = [];
  const slice = async (start: number, end = bytes.length) => {
    reads.push(end - start);
    return bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + end);
  };
  return { byteLength: bytes.length, slice, reads };
}

function curveOf(points: number, value: (channel: number, point: number) => number, diverges = false): Curve {
  const grid = evaluationSteps(3000);
  const channels = CHANNELS.map((name, c) => [
    name,
    Float32Array.from({ length: points }, (_, i) => value(c, i)),
  ]);
  return {
    steps: grid.slice(0, points),
    channels: Object.fromEntries(channels) as Record<Channel, Float32Array>,
    divergedAt: diverges ? (grid[points] as number) : null,
  };
}

/** Losses that never repeat and accuracies that often do. */
const lifelike = (run: number) =>
  curveOf(118, (c, i) => (c % 2 === 0 ? Math.exp(-i / 20) + Math.sin(run * 118 + i) ** 2 : (i % 59) / 58));

const many = (count: number): PartRun[] =>
  Array.from({ length: count }, (_, run) => ({
    run,
    cell: run % 7,
    seed: 0xffffffff - run,
    curve: lifelike(run),
  }));

const bits = fc.oneof(
  fc.float({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(0, -0, 1, 2 ** -149, 3.4028234663852886e38),
);
const curve = fc
  .record({ points: fc.nat({ max: 40 }), values: fc.array(bits, { minLength: 1 }), diverges: fc.boolean() })
  .map(({ points, values, diverges }) =>
    curveOf(points, (c, i) => values[(c * points + i) % values.length] as number, diverges),
  );
const runs = fc.uniqueArray(
  fc.record({
    run: fc.nat({ max: 1_000_000 }),
    cell: fc.nat(),
    seed: fc.integer({ min: 0, max: 0xffffffff }),
    curve,
  }),
  { selector: ({ run }) => run, maxLength: 30 },
);

test('every curve comes back from its part to the bit, empty and diverged ones too', async () => {
  const property = fc.asyncProperty(runs, async (given) => {
    const { bytes, rows } = writePart(sweepId, given);
    const read = await readRuns(fileOf(bytes), rows);
    expect(read.size).toBe(given.length);
    for (const { run, curve } of given) {
      expect(encodeCurve(read.get(run) as Curve)).toEqual(encodeCurve(curve));
      expect(read.get(run)?.steps).toEqual(curve.steps);
    }
  });
  await fc.assert(property, { numRuns: 200 });
});

test('any reader of Parquet sees one row for every run and evaluated step, sorted', async () => {
  const given = [
    { run: 9, cell: 1, seed: 0xffffffff, curve: curveOf(2, (c, i) => c + i / 4, true) },
    { run: 4, cell: 2, seed: 0, curve: curveOf(1, () => 0.5) },
  ];
  const rows = await parquetReadObjects({ file: fileOf(writePart(sweepId, given).bytes) });
  const row = (run: number, cell: number, seed: number, step: number | null, values: (number | null)[]) => ({
    ...{ run, cell, seed, step },
    ...{ train_loss: values[0], train_accuracy: values[1], test_loss: values[2], test_accuracy: values[3] },
    diverged_at: run === 9 ? 2 : null,
  });
  expect(rows).toEqual([
    row(4, 2, 0, 0, [0.5, 0.5, 0.5, 0.5]),
    row(9, 1, 0xffffffff, 0, [0, 1, 2, 3]),
    row(9, 1, 0xffffffff, 1, [0.25, 1.25, 2.25, 3.25]),
  ]);
});

test('a run that diverged before its first evaluation is a row without a step', async () => {
  const { bytes, rows } = writePart(sweepId, [
    { run: 3, cell: 0, seed: 1, curve: curveOf(0, () => 0, true) },
  ]);
  expect(rows).toEqual([{ run: 3, firstRow: 0, rows: 1 }]);
  const nothing = { train_loss: null, train_accuracy: null, test_loss: null, test_accuracy: null };
  expect(await parquetReadObjects({ file: fileOf(bytes) })).toEqual([
    { run: 3, cell: 0, seed: 1, step: null, ...nothing, diverged_at: 0 },
  ]);
});

test('the footer names the sweep and lets a reader skip row groups by run', async () => {
  const { bytes } = writePart(sweepId, many(300));
  const footer = await readFooter(fileOf(bytes));
  expect(footer.created_by).toBe('tabgrad');
  expect(footer.key_value_metadata).toContainEqual({ key: 'tabgrad.sweep', value: sweepId });
  const spans = footer.row_groups.map(({ columns: [run, , seed] }) => {
    const { min_value, max_value } = run?.meta_data?.statistics ?? {};
    return [min_value, max_value, seed?.meta_data?.statistics?.max_value];
  });
  expect(spans).toEqual([
    [0, 137, 0xffffffff],
    [138, 275, 0xffffffff - 138],
    [276, 299, 0xffffffff - 276],
  ]);
});

test('the footer keeps to what pyarrow reads: unsigned seeds by converted type, no logical type, and the order of rows', async () => {
  const { schema, row_groups } = await readFooter(fileOf(writePart(sweepId, many(1)).bytes));
  expect(schema.find(({ name }) => name === 'seed')?.converted_type).toBe('UINT_32');
  expect(schema.filter(({ logical_type }) => logical_type)).toEqual([]);
  expect(row_groups[0]?.sorting_columns?.map(({ column_idx }) => schema[column_idx + 1]?.name)).toEqual([
    'run',
    'step',
  ]);
});

test('a page of curves costs one range read a row group, and the footer one unless it is kept', async () => {
  const { bytes, rows } = writePart(sweepId, many(300));
  const file = fileOf(bytes);
  const page = [...rows.slice(100, 120), ...rows.slice(130, 140)].toReversed();
  const footer = await readFooter(file);
  expect((await readRuns(file, page)).size).toBe(30);
  expect(file.reads).toHaveLength(4);
  await readRuns(file, page.slice(0, 1), footer);
  expect(file.reads).toHaveLength(5);
  expect(Math.max(...file.reads)).toBeLessThan(300_000);
});

test('the same runs give the same bytes in any order, smaller than the curves themselves', () => {
  const given = many(300);
  const { bytes } = writePart(sweepId, given);
  expect(writePart(sweepId, given.toReversed()).bytes).toEqual(bytes);
  const raw = given.reduce((sum, { curve }) => sum + encodeCurve(curve).length, 0);
  expect(bytes.length).toBeLessThan(0.75 * raw);
});

test('a part without runs is still a file of the sweep', async () => {
  const { bytes, rows } = writePart(sweepId, []);
  expect(rows).toEqual([]);
  expect(await parquetReadObjects({ file: fileOf(bytes) })).toEqual([]);
});

test('a record that points at the wrong rows is noticed, never answered with the curve of another run', async () => {
  const { bytes } = writePart(sweepId, many(3));
  const read = (run: number, firstRow: number) => readRuns(fileOf(bytes), [{ run, firstRow, rows: 118 }]);
  await expect(read(0, 118)).rejects.toThrow('holds run 1 where run 0');
  await expect(read(0, 1)).rejects.toThrow('holds run 1 where run 0');
  await expect(read(0, 10_000)).rejects.toThrow('run 0 is outside its part');
});

test('a run given twice, and a file that is not a part, are refused', async () => {
  const [only] = many(1) as [PartRun];
  expect(() => writePart(sweepId, [only, only])).toThrow('run 0 is twice');
  await expect(readFooter(fileOf(new Uint8Array(100)))).rejects.toThrow('footer');
});
