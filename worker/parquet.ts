// Many runs' curves as one Parquet file, a row per run and evaluated step, sorted by run, then step. A run that diverged
// before its first evaluation has a single row whose step and values are null, so that no run is ever missing from a part.

import {
  type AsyncBuffer,
  type DecodedArray,
  type FileMetaData,
  parquetMetadataAsync,
  parquetScan,
  type RowGroup,
} from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { CHANNELS, type Curve } from '../shared/curve.ts';

export interface PartRun {
  run: number;
  cell: number;
  seed: number;
  curve: Curve;
}

/** Where a run lies in its part: rows `firstRow` to `firstRow + rows - 1`, counted from 0. */
export interface RunRows {
  run: number;
  firstRow: number;
  rows: number;
}

const FORMAT = '1';

// One row group is one range read of some 200 kB.
const ROWS_PER_GROUP = 16_384;
const FOOTER_BYTES = 65_536;

const channelColumns = CHANNELS.map((channel) => ({ channel, name: channel.replace('.', '_') }));

const integer = { type: 'INT32', repetition_type: 'REQUIRED' } as const;
const optional = { repetition_type: 'OPTIONAL' } as const;
const columns: SchemaElement[] = [
  { name: 'run', ...integer },
  { name: 'cell', ...integer },
  // Not as logical_type INTEGER: hyparquet-writer 0.17.0 writes its bit width as i32 where Parquet has i8, and then pyarrow
  // 25 refuses the file. To be dropped when it does not.
  { name: 'seed', ...integer, converted_type: 'UINT_32' },
  { name: 'step', type: 'INT32', ...optional },
  ...channelColumns.map(({ name }) => ({ name, type: 'FLOAT', ...optional }) as const),
  { name: 'diverged_at', type: 'INT32', ...optional },
];
const sortedBy = ['run', 'step'].map((name) => ({
  column_idx: columns.findIndex((column) => column.name === name),
  descending: false,
  nulls_first: false,
}));

const rowCount = ({ steps }: Curve) => Math.max(1, steps.length);

/**
 * One part of a sweep; the same runs give the same bytes, in whatever order they come. Row groups hold whole runs.
 * Every number is kept to the bit. A run given twice is a bug.
 */
export function writePart(
  sweepId: string,
  runs: readonly PartRun[],
): { bytes: Uint8Array<ArrayBuffer>; rows: RunRows[] } {
  const sorted = runs.toSorted((a, b) => a.run - b.run);
  const rows: RunRows[] = [];
  let firstRow = 0;
  for (const { run, curve } of sorted) {
    if (rows.at(-1)?.run === run) throw new Error(`run ${run} is twice in a part`);
    rows.push({ run, firstRow, rows: rowCount(curve) });
    firstRow += rowCount(curve);
  }
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: [{ name: 'curves', num_children: columns.length }, ...columns],
    createdBy: 'tabgrad',
    kvMetadata: [
      { key: 'tabgrad.format', value: FORMAT },
      { key: 'tabgrad.sweep', value: sweepId },
    ],
  });
  for (const group of groups(sorted)) {
    file.write({ columnData: columnsOf(group), rowGroupSize: Number.MAX_SAFE_INTEGER });
  }
  for (const group of file.row_groups) group.sorting_columns = sortedBy;
  file.finish();
  return { bytes: new Uint8Array(writer.getBuffer()), rows };
}

function* groups(runs: readonly PartRun[]): Generator<PartRun[]> {
  let group: PartRun[] = [];
  let rows = 0;
  for (const run of runs) {
    if (rows > 0 && rows + rowCount(run.curve) > ROWS_PER_GROUP) {
      yield group;
      group = [];
      rows = 0;
    }
    group.push(run);
    rows += rowCount(run.curve);
  }
  if (rows > 0) yield group;
}

function columnsOf(runs: readonly PartRun[]): ColumnSource[] {
  const column = (name: string, value: (run: PartRun, point: number) => number | null) => {
    const data: (number | null)[] = [];
    for (const run of runs) for (let i = 0; i < rowCount(run.curve); i++) data.push(value(run, i));
    return { name, data, offsetIndex: false };
  };
  return [
    column('run', ({ run }) => run),
    column('cell', ({ cell }) => cell),
    column('seed', ({ seed }) => seed),
    column('step', ({ curve }, i) => curve.steps[i] ?? null),
    ...channelColumns.map(({ channel, name }) => {
      const source = column(name, ({ curve }, i) => curve.channels[channel][i] ?? null);
      return { ...source, encoding: floatEncoding(source.data) };
    }),
    column('diverged_at', ({ curve }) => curve.divergedAt),
  ];
}

/** A dictionary for accuracies, which are fractions of a small number; it would turn -0 into 0. */
function floatEncoding(values: readonly (number | null)[]): 'RLE_DICTIONARY' | 'BYTE_STREAM_SPLIT' {
  const distinct = new Set<number | null>();
  for (const value of values) {
    distinct.add(value);
    if (Object.is(value, -0) || distinct.size > values.length / 4) return 'BYTE_STREAM_SPLIT';
  }
  return 'RLE_DICTIONARY';
}

/** What a part says about itself; worth keeping, for a part never changes. Throws if the file is not one of ours. */
export async function readFooter(file: AsyncBuffer): Promise<FileMetaData> {
  const footer = await parquetMetadataAsync(file, { initialFetchSize: FOOTER_BYTES, geoparquet: false });
  const format = footer.key_value_metadata?.find(({ key }) => key === 'tabgrad.format')?.value;
  if (format !== FORMAT) throw new Error(`a part of format ${format} cannot be read`);
  return footer;
}

/**
 * The curves of some runs: one range read for every row group that holds any of them, and one for the footer unless it
 * is given. Throws if the part holds another run at those rows.
 */
export async function readRuns(
  file: AsyncBuffer,
  wanted: readonly RunRows[],
  footer?: FileMetaData,
): Promise<Map<number, Curve>> {
  const metadata = footer ?? (await readFooter(file));
  let end = 0;
  const reads = metadata.row_groups.flatMap((group) => {
    const start = end;
    end += Number(group.num_rows);
    const inGroup = wanted.filter(({ firstRow, rows }) => firstRow >= start && firstRow + rows <= end);
    return inGroup.length > 0 ? [readGroup(file, { metadata, group }, inGroup)] : [];
  });
  const curves = new Map((await Promise.all(reads)).flat());
  for (const { run } of wanted) if (!curves.has(run)) throw new Error(`run ${run} is outside its part`);
  return curves;
}

async function readGroup(
  file: AsyncBuffer,
  { metadata, group }: { metadata: FileMetaData; group: RowGroup },
  wanted: readonly RunRows[],
): Promise<[number, Curve][]> {
  const rowStart = Math.min(...wanted.map(({ firstRow }) => firstRow));
  const rowEnd = Math.max(...wanted.map(({ firstRow, rows }) => firstRow + rows));
  const scan = await parquetScan({ file: await inMemory(file, group), metadata, useOffsetIndex: false });
  const column = (name: string): Promise<DecodedArray> => scan.readColumn({ column: name, rowStart, rowEnd });
  const [runs, steps, divergedAt] = await Promise.all([column('run'), column('step'), column('diverged_at')]);
  const values = await Promise.all(channelColumns.map(({ name }) => column(name)));
  return wanted.map(({ run, firstRow, rows }) => {
    const from = firstRow - rowStart;
    const other = runs.slice(from, from + rows).find((found) => found !== run);
    if (other !== undefined) throw new Error(`a part holds run ${other} where run ${run} should be`);
    const to = steps[from] === null ? from : from + rows;
    const channels = CHANNELS.map((c, i) => [c, Float32Array.from(values[i]?.slice(from, to) ?? [])]);
    const curve = {
      steps: Array.from(steps.slice(from, to)),
      channels: Object.fromEntries(channels),
      divergedAt: divergedAt[from] ?? null,
    };
    return [run, curve];
  });
}

/** The file with one row group of it fetched, in one read. */
async function inMemory(file: AsyncBuffer, { columns: [first], ...group }: RowGroup): Promise<AsyncBuffer> {
  const start = Number(first?.meta_data?.dictionary_page_offset ?? first?.meta_data?.data_page_offset);
  const bytes = await file.slice(start, start + Number(group.total_compressed_size));
  return {
    byteLength: file.byteLength,
    slice: (from, to = file.byteLength) => bytes.slice(from - start, to - start),
  };
}
