// Where the values of a fusion lie, and how row programs divide their rows.

import { rowsAt } from '../models/graph.ts';
import { allocate } from './allocate.ts';
import { type Fusion, type Kernel, kernelOps } from './fuse.ts';
import { kernelReads, writtenBy } from './fuse-ops.ts';
import type { Value, ValueId } from './ops.ts';
import { placeOf, sizeOf } from './plan.ts';

export interface Tiling {
  /** Rows of a batch: of a step, or of the whole task. */
  batch: number;
  /** Batch rows, and rows of tables, that a workgroup takes at a time. */
  tileRows: number;
  tableTileRows: number;
  /** Workgroups of a row program; each goes on to further tiles. */
  slotsMax: number;
  /** Bytes of workgroup memory that row programs may use; 0 for none. */
  workgroupBytes: number;
}

/** How a row program is divided. */
export interface Program {
  rows: number;
  tileRows: number;
  slots: number;
  /** Numbers that each workgroup keeps between phases, and where: in workgroup memory, or in the arena from here on. */
  scratch: number;
  scratchAt: number | null;
}

export interface Memory {
  /** Where each value lies in the arena, in numbers; undefined for weights, views and what is nowhere or local. */
  arena: Map<ValueId, number>;
  /** Where each value lies in its workgroup's scratch. */
  local: Map<ValueId, number>;
  /** Row programs with more than one phase. */
  programs: Map<Kernel, Program>;
  /** Numbers of the arena, and of workgroup memory. */
  total: number;
  workgroup: number;
}

interface Span {
  id: ValueId;
  from: number;
  to: number;
}

/** Places everything; values needed during one dispatch never share memory. */
export function placeMemory(fusion: Fusion, tiling: Tiling): Memory {
  const local = new Map<ValueId, number>();
  const programs = new Map<Kernel, Program>();
  const spans = new Map<ValueId, Span>();
  const blocks: { program: Program; size: number; level: number }[] = [];
  let workgroup = 0;
  const users = usersOf(fusion);
  fusion.dispatches.forEach((kernels, level) => {
    for (const kernel of kernels) {
      const program = kernel.phases.length > 1 ? divide(kernel, tiling) : null;
      const own = program ? localSpans(kernel, fusion, users) : [];
      if (program) {
        placeLocals({ program, own, local }, fusion.values, tiling);
        programs.set(kernel, program);
        if (program.scratchAt === null) workgroup = Math.max(workgroup, program.scratch);
        else blocks.push({ program, size: program.scratch * program.slots, level });
      }
      for (const id of touched(kernel, fusion)) {
        if (local.has(id)) continue;
        const span = spans.get(id);
        spans.set(id, { id, from: span?.from ?? level, to: level });
      }
    }
  });
  const values = [...spans.values()];
  const needs = [
    ...values.map(({ id, from, to }) => ({
      from,
      to,
      size: sizeOf(fusion.values[id] as Value, tiling.batch),
    })),
    ...blocks.map(({ size, level }) => ({ size, from: level, to: level })),
  ];
  const { offsets, total } = allocate(needs);
  blocks.forEach(({ program }, i) => {
    program.scratchAt = offsets[values.length + i] as number;
  });
  const arena = new Map(values.map(({ id }, i) => [id, offsets[i] as number]));
  return { arena, local, programs, total, workgroup };
}

function divide({ rows }: Kernel, { batch, tileRows, tableTileRows, slotsMax }: Tiling): Program {
  const all = rowsAt(rows as NonNullable<Kernel['rows']>, batch);
  const inTile = rows?.batched ? tileRows : tableTileRows;
  const slots = Math.min(slotsMax, Math.ceil(all / inTile));
  return { rows: all, tileRows: inTile, slots, scratch: 0, scratchAt: null };
}

/** The work values in memory that a kernel reads or writes. */
function touched(kernel: Kernel, fusion: Fusion): Set<ValueId> {
  const ids = new Set<ValueId>();
  for (const { op } of kernelOps(kernel, fusion)) {
    const { near, far } = kernelReads(op, fusion.values);
    const out = writtenBy(op);
    for (const id of [...near, ...far, ...(out === null ? [] : [out])]) {
      const root = placeOf(fusion.values, id).value;
      if (fusion.values[root]?.kind === 'work' && fusion.stored.has(root)) ids.add(root);
    }
  }
  return ids;
}

function usersOf(fusion: Fusion): Map<ValueId, Set<Kernel>> {
  const users = new Map<ValueId, Set<Kernel>>();
  for (const kernel of fusion.dispatches.flat())
    for (const id of touched(kernel, fusion)) users.set(id, (users.get(id) ?? new Set()).add(kernel));
  return users;
}

/** Values that nothing but this row program needs, with the phases they are needed in. */
function localSpans(kernel: Kernel, fusion: Fusion, users: Map<ValueId, Set<Kernel>>): Span[] {
  const spans = new Map<ValueId, Span>();
  for (const { op, phase } of kernelOps(kernel, fusion)) {
    const { near } = kernelReads(op, fusion.values);
    const out = writtenBy(op);
    for (const id of [...near, ...(out === null ? [] : [out])]) {
      if (users.get(id)?.size !== 1 || !users.get(id)?.has(kernel)) continue;
      const span = spans.get(id);
      spans.set(id, { id, from: span?.from ?? phase, to: Math.max(span?.to ?? phase, phase) });
    }
  }
  return [...spans.values()];
}

function placeLocals(
  { program, own, local }: { program: Program; own: readonly Span[]; local: Map<ValueId, number> },
  values: readonly Value[],
  { workgroupBytes }: Tiling,
): void {
  const place = (tileRows: number) =>
    allocate(
      own.map(({ id, from, to }) => {
        const value = values[id] as Value;
        return { from, to, size: tileRows * (value.rows.batched ? value.rows.count : 1) * value.stride };
      }),
    );
  const { offsets, total } = place(program.tileRows);
  program.scratch = total;
  program.scratchAt = 4 * total <= workgroupBytes ? null : 0;
  own.forEach(({ id }, i) => {
    local.set(id, offsets[i] as number);
  });
}
