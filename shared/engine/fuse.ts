// Which operations run together. A dispatch is a list of kernels that do not depend on one another; a kernel is one
// operation that mixes rows, or a row program: operations that go through the same rows, tile by tile, waiting for one
// another within a workgroup only.

import type { Rows } from '../models/graph.ts';
import { type KernelOp, kernelReads, type Lowered, mixesRows, pointReads, writtenBy } from './fuse-ops.ts';
import type { Value, ValueId } from './ops.ts';
import { placeOf } from './plan.ts';

export interface Kernel {
  /** What a row program goes through: batched rows count as 1, however many rows a value has for each. */
  rows: Rows | null;
  /** Operations of one phase do not depend on one another; phases wait for what the ones before wrote. */
  phases: KernelOp[][];
}

export interface Fusion extends Lowered {
  dispatches: Kernel[][];
  /** Operations computed at once where a value is, by the kernel that computes the value. */
  following: Map<ValueId, KernelOp[]>;
  /** Values that must be in memory, views aside. */
  stored: Set<ValueId>;
  /** The dispatch of each operation. */
  levels: number[];
}

/** Groups the operations of a step, or of an evaluation, into the fewest dispatches that their order allows. */
export function fuse(lowered: Lowered): Fusion {
  return new Fusing(lowered).fuse();
}

/** What is known of an operation while it is placed. */
interface Placed {
  op: KernelOp;
  level: number;
  /** The operation that mixes rows in whose kernel this one is; null in row programs. */
  mixer: number | null;
  /** The value this one follows at once. */
  after: ValueId | null;
  /** Another operation of the same row program. */
  parent: number;
  phase: number;
}

class Fusing {
  private readonly lowered: Lowered;
  private readonly values: readonly Value[];
  private readonly placed: Placed[] = [];
  private readonly writers = new Map<ValueId, number[]>();

  constructor(lowered: Lowered) {
    this.lowered = lowered;
    this.values = lowered.values;
  }

  fuse(): Fusion {
    this.lowered.ops.forEach((op, i) => {
      this.level(op, i);
      const out = writtenBy(op);
      if (out !== null) this.writersOf(out).push(i);
    });
    this.placed.forEach((one, i) => {
      if (one.mixer === null) this.order(one, i);
    });
    const following = new Map<ValueId, KernelOp[]>();
    for (const { op, after } of this.placed)
      if (after !== null) following.set(after, [...(following.get(after) ?? []), op]);
    const levels = this.placed.map(({ level }) => level);
    return { ...this.lowered, dispatches: this.dispatches(), following, stored: this.stored(), levels };
  }

  private at = (i: number): Placed => this.placed[i] as Placed;

  private root = (id: ValueId): ValueId => placeOf(this.values, id).value;

  private writersOf(id: ValueId): number[] {
    const root = this.root(id);
    const known = this.writers.get(root);
    if (known) return known;
    const fresh: number[] = [];
    this.writers.set(root, fresh);
    return fresh;
  }

  private level(op: KernelOp, i: number): void {
    const { near, far } = kernelReads(op, this.values);
    const own: Placed = { op, level: 0, mixer: mixesRows(op) ? i : null, after: null, parent: i, phase: 0 };
    this.placed.push(own);
    for (const id of far)
      for (const p of this.writersOf(id)) own.level = Math.max(own.level, this.at(p).level + 1);
    for (const id of near)
      for (const p of this.writersOf(id))
        own.level = Math.max(own.level, this.at(p).level + (this.goTogether(p, i) ? 0 : 1));
    if (own.mixer === null) this.followMixer(own, [...near, ...far]);
    if (own.mixer !== null) return;
    for (const id of near)
      for (const p of this.writersOf(id))
        if (this.at(p).level === own.level && this.goTogether(p, i)) this.join(p, i);
  }

  /** Whether two operations could be in one row program. */
  private goTogether(p: number, i: number): boolean {
    const [a, b] = [this.at(p), this.at(i)];
    return (
      a.mixer === null && b.mixer === null && domainOf(a.op, this.values) === domainOf(b.op, this.values)
    );
  }

  /** Lets an operation follow a mixer at once, where all else it reads is there before. */
  private followMixer(own: Placed, reads: readonly ValueId[]): void {
    for (const id of pointReads(own.op, this.values)) {
      const host = this.hostOf(id);
      if (!host || host.mixer === null || host.level !== own.level - 1) continue;
      const others = reads.filter((other) => other !== id).flatMap((other) => this.writersOf(other));
      if (others.some((p) => this.at(p).level >= host.level)) continue;
      Object.assign(own, { level: host.level, mixer: host.mixer, after: id });
      return;
    }
  }

  /** The one operation that writes a value; null for views and what several write. */
  private hostOf(id: ValueId): Placed | null {
    const writers = this.writersOf(id);
    return writers.length === 1 && this.values[id]?.view === null ? this.at(writers[0] as number) : null;
  }

  private find(i: number): number {
    const { parent } = this.at(i);
    return parent === i ? i : this.find(parent);
  }

  private join(a: number, b: number): void {
    const [p, q] = [this.find(a), this.find(b)];
    this.at(Math.max(p, q)).parent = Math.min(p, q);
  }

  /** The phase of an operation in its row program, or what it follows at once. */
  private order(own: Placed, i: number): void {
    const { near } = kernelReads(own.op, this.values);
    const program = this.find(i);
    const before = near.flatMap((id) =>
      this.writersOf(id)
        .filter((p) => p < i && this.at(p).level === own.level && this.find(p) === program)
        .map((p) => ({ id, phase: this.at(p).phase })),
    );
    const latest = Math.max(-1, ...before.map(({ phase }) => phase));
    const candidates = pointReads(own.op, this.values).filter((id) =>
      before.some((one) => one.id === id && one.phase === latest),
    );
    const after = candidates.find(
      (id) => this.hostOf(id) && before.every((one) => one.id === id || one.phase < latest),
    );
    own.after = after ?? null;
    own.phase = after === undefined ? latest + 1 : latest;
  }

  private dispatches(): Kernel[][] {
    const dispatches: Kernel[][] = [];
    const programs = new Map<number, Kernel>();
    this.placed.forEach(({ op, level, mixer, after, phase }, i) => {
      if (after !== null) return;
      while (dispatches.length <= level) dispatches.push([]);
      const kernels = dispatches[level] as Kernel[];
      if (mixer !== null) {
        kernels.push({ rows: null, phases: [[op]] });
        return;
      }
      const program = this.find(i);
      const kernel = programs.get(program) ?? { rows: domainRows(op, this.values), phases: [] };
      if (!programs.has(program)) kernels.push(kernel);
      programs.set(program, kernel);
      while (kernel.phases.length <= phase) kernel.phases.push([]);
      kernel.phases[phase]?.push(op);
    });
    // Without anything to wait for, every operation is spread over workgroups of its own.
    return dispatches.map((kernels) =>
      kernels.flatMap((kernel) =>
        kernel.phases.length > 1
          ? [kernel]
          : (kernel.phases[0] as KernelOp[]).map((op) => ({ rows: kernel.rows, phases: [[op]] })),
      ),
    );
  }

  private stored(): Set<ValueId> {
    const stored = new Set<ValueId>();
    for (const { op, after } of this.placed) {
      const { near, far } = kernelReads(op, this.values);
      for (const id of [...near, ...far]) if (id !== after) stored.add(this.root(id));
    }
    return stored;
  }
}

function domainRows(op: KernelOp, values: readonly Value[]): Rows {
  const { rows } = values[writtenBy(op) as ValueId] as Value;
  return rows.batched ? { count: 1, batched: true } : rows;
}

const domainOf = (op: KernelOp, values: readonly Value[]): string => {
  const { count, batched } = domainRows(op, values);
  return batched ? 'batch' : String(count);
};

/** Every operation of a kernel in the order it is computed, with those that follow at once, and its phase. */
export function kernelOps(
  kernel: Kernel,
  { following }: Pick<Fusion, 'following'>,
): { op: KernelOp; phase: number }[] {
  const withFollowing = (op: KernelOp): KernelOp[] => {
    const out = writtenBy(op);
    return [op, ...(out === null ? [] : (following.get(out) ?? [])).flatMap(withFollowing)];
  };
  return kernel.phases.flatMap((ops, phase) => ops.flatMap(withFollowing).map((op) => ({ op, phase })));
}
