import fc from 'fast-check';
import { expect, test } from 'vitest';
import { smallConfig } from '../../test/engine/random-runs.ts';
import type { RunConfig } from '../spec/schema.ts';
import { type Fusion, fuse, type Kernel, kernelOps } from './fuse.ts';
import { type Memory, placeMemory } from './fuse-memory.ts';
import { kernelReads, lowerEvaluation, lowerStep, writtenBy } from './fuse-ops.ts';
import type { Value, ValueId } from './ops.ts';
import { placeOf, planOf, sizeOf } from './plan.ts';

const config = (model: RunConfig['model'], p: number): RunConfig => ({
  task: { kind: 'modular', op: 'add', p, pairs: 'unordered', diagonal: false, trainFraction: 0.4 },
  model,
  init: { scale: 1 },
  loss: { kind: 'cross-entropy' },
  optimizer: { kind: 'adamw', lr: 1e-3, weightDecay: 1, betas: [0.9, 0.98], eps: 1e-8 },
  train: { steps: 10 },
  threshold: 0.95,
});

const w1 = config(
  { kind: 'embedding-mlp', embedding: 500, hidden: 48, activation: 'relu', combine: 'sum' },
  67,
);
const mlp = config({ kind: 'mlp', hidden: [128, 128], activation: 'relu', bias: true }, 67);
const transformer = config(
  {
    kind: 'transformer',
    layers: 2,
    embedding: 128,
    heads: 4,
    mlp: 512,
    activation: 'gelu',
    positional: true,
    layerNorm: true,
    bias: true,
    causal: true,
    attentionScale: true,
  },
  67,
);

const dispatchesOf = (run: RunConfig) => fuse(lowerStep(planOf(run), false)).dispatches.length;

/** Steps and evaluations of random networks. */
const fusions = fc
  .record({ run: smallConfig, minibatch: fc.boolean(), evaluates: fc.boolean() })
  .map(({ run, minibatch, evaluates }) => {
    const plan = planOf(run);
    return fuse(evaluates ? lowerEvaluation(plan) : lowerStep(plan, minibatch));
  });

const rootOf = ({ values }: Fusion, id: ValueId) => placeOf(values, id).value;

/** Everything a fusion computes in order: which kernel of which dispatch, and when in it. */
const schedule = (fusion: Fusion) =>
  fusion.dispatches.flatMap((kernels, level) =>
    kernels.flatMap((kernel) =>
      kernelOps(kernel, fusion).map(({ op, phase }, position) => ({ op, phase, position, kernel, level })),
    ),
  );

test('the step of the paper takes four dispatches, that of a plain network two', () => {
  expect([dispatchesOf(w1), dispatchesOf(mlp)]).toEqual([4, 2]);
});

test('a transformer of two layers with everything takes five', () => {
  expect(dispatchesOf(transformer)).toBe(5);
});

test('every operation is in exactly one kernel', () => {
  fc.assert(
    fc.property(fusions, (fusion) => {
      const placed = schedule(fusion).map(({ op }) => op);
      expect(placed.length).toBe(fusion.ops.length);
      expect(new Set(placed)).toEqual(new Set(fusion.ops));
    }),
  );
});

test('every value is written before it is read: in a dispatch before, or earlier in the same row program', () => {
  fc.assert(
    fc.property(fusions, (fusion) => {
      const all = schedule(fusion);
      for (const reader of all) {
        const { near, far } = kernelReads(reader.op, fusion.values);
        for (const id of [...near, ...far]) {
          const root = rootOf(fusion, id);
          if (fusion.values[root]?.kind !== 'work') continue;
          const writers = all.filter(({ op }) => {
            const out = writtenBy(op);
            return out !== null && rootOf(fusion, out) === root;
          });
          expect(writers.length).toBeGreaterThan(0);
          for (const writer of writers) {
            if (writer.level < reader.level) continue;
            expect(writer.kernel).toBe(reader.kernel);
            expect(near).toContain(id);
            const followsAtOnce = fusion.following.get(id)?.includes(reader.op);
            if (followsAtOnce) expect(writer.position).toBeLessThan(reader.position);
            else expect(writer.phase).toBeLessThan(reader.phase);
          }
        }
      }
    }),
  );
});

/** The values in memory that a kernel touches, and the phases it does so in. */
function touches(fusion: Fusion, kernel: Kernel): Map<ValueId, number[]> {
  const found = new Map<ValueId, number[]>();
  for (const { op, phase } of kernelOps(kernel, fusion)) {
    const { near, far } = kernelReads(op, fusion.values);
    const out = writtenBy(op);
    for (const id of [...near, ...far, ...(out === null ? [] : [out])]) {
      const root = rootOf(fusion, id);
      if (fusion.values[root]?.kind === 'work' && fusion.stored.has(root))
        found.set(root, [...(found.get(root) ?? []), phase]);
    }
  }
  return found;
}

const TILING = { batch: 21, tileRows: 8, tableTileRows: 4, slotsMax: 3 };

interface Block {
  from: number;
  to: number;
  offset: number;
  size: number;
}

const overlap = (a: Block, b: Block) =>
  a.from <= b.to && b.from <= a.to && a.offset < b.offset + b.size && b.offset < a.offset + a.size;

const pairs = <T>(items: readonly T[]) =>
  items.flatMap((a, i) => items.slice(i + 1).map((b) => [a, b] as const));

function arenaBlocks(fusion: Fusion, memory: Memory): Block[] {
  const levels = new Map<ValueId, number[]>();
  fusion.dispatches.forEach((kernels, level) => {
    for (const kernel of kernels)
      for (const id of touches(fusion, kernel).keys()) levels.set(id, [...(levels.get(id) ?? []), level]);
  });
  const values = [...memory.arena].map(([id, offset]) => ({
    from: Math.min(...(levels.get(id) as number[])),
    to: Math.max(...(levels.get(id) as number[])),
    offset,
    size: sizeOf(fusion.values[id] as Value, TILING.batch),
  }));
  const scratch = fusion.dispatches.flatMap((kernels, level) =>
    kernels.flatMap((kernel) => {
      const program = memory.programs.get(kernel);
      if (!program || program.scratchAt === null) return [];
      return [{ from: level, to: level, offset: program.scratchAt, size: program.scratch * program.slots }];
    }),
  );
  return [...values, ...scratch];
}

test('values that are needed during the same dispatch, or phase of a row program, never share memory', () => {
  fc.assert(
    fc.property(fusions, fc.constantFrom(0, 4096), (fusion, workgroupBytes) => {
      const memory = placeMemory(fusion, { ...TILING, workgroupBytes });
      const blocks = arenaBlocks(fusion, memory);
      for (const block of blocks) expect(block.offset + block.size).toBeLessThanOrEqual(memory.total);
      for (const [a, b] of pairs(blocks)) expect(overlap(a, b)).toBe(false);
      for (const [kernel, { tileRows, scratch, scratchAt }] of memory.programs) {
        const locals = [...touches(fusion, kernel)].flatMap(([id, phases]): Block[] => {
          const offset = memory.local.get(id);
          const { rows, stride } = fusion.values[id] as Value;
          const size = tileRows * (rows.batched ? rows.count : 1) * stride;
          return offset === undefined
            ? []
            : [{ from: Math.min(...phases), to: Math.max(...phases), offset, size }];
        });
        for (const [a, b] of pairs(locals)) expect(overlap(a, b)).toBe(false);
        for (const { offset, size } of locals) expect(offset + size).toBeLessThanOrEqual(scratch);
        if (scratchAt === null) expect(4 * scratch).toBeLessThanOrEqual(workgroupBytes);
      }
    }),
  );
});

test('every value that is stored has one place, in the arena or in a row program of its own', () => {
  fc.assert(
    fc.property(fusions, (fusion) => {
      const memory = placeMemory(fusion, { ...TILING, workgroupBytes: 0 });
      for (const id of fusion.stored) {
        if (fusion.values[id]?.kind !== 'work') continue;
        expect(memory.arena.has(id) !== memory.local.has(id)).toBe(true);
        if (!memory.local.has(id)) continue;
        const users = fusion.dispatches.flat().filter((kernel) => touches(fusion, kernel).has(id));
        expect(users.length).toBe(1);
      }
    }),
  );
});

test('the gradient of every weight is turned into exactly one update', () => {
  fc.assert(
    fc.property(smallConfig, fc.boolean(), (run, minibatch) => {
      const plan = planOf(run);
      const { updates, values } = lowerStep(plan, minibatch);
      const rows = plan.weights.map(() => 0);
      for (const [id, parts] of updates)
        for (const { parameter } of parts)
          rows[parameter] = (rows[parameter] as number) + (values[id] as Value).rows.count;
      expect(rows).toEqual(plan.weights.map((id) => plan.values[id]?.rows.count));
    }),
  );
});
