// Puts a dispatch's kernels into one shader: ranges of workgroups branch to them.

import type { Kernel } from '../../../../shared/engine/fuse.ts';
import type { Program } from '../../../../shared/engine/fuse-memory.ts';
import { type KernelOp, writtenBy } from '../../../../shared/engine/fuse-ops.ts';
import type { ValueId } from '../../../../shared/engine/ops.ts';
import { WORDS } from '../layout.ts';
import { BINDINGS, LIBRARY, RANDOM } from './library.ts';
import { mapCode } from './maps.ts';
import { blockSums, matmulBlock, settleCell } from './matmul.ts';
import { branches, type KernelCode } from './merge.ts';
import { measureCode, scatterCode, sumCode } from './mixers.ts';
import { u } from './numbers.ts';
import { type Lines, Scope, type Source } from './scope.ts';
import { sumsSize } from './tuning.ts';
import { beginStep, endStep, updateNumbers } from './update.ts';

/** Workgroups beside one another: a grid may not be wider than 65,535, so that long ones are folded. */
const GRID_WIDTH = 32_768;

/** How to dispatch so many workgroups for each of so many replicas. */
export const gridOf = (workgroups: number, replicas: number): [number, number, number] => [
  Math.min(workgroups, GRID_WIDTH),
  Math.ceil(workgroups / GRID_WIDTH),
  replicas,
];

export interface Shader {
  code: string;
  /** For each replica. */
  workgroups: number;
}

/** When in a step a dispatch runs; evaluations do not move the step on. */
export interface Moment {
  isFirst: boolean;
  isLast: boolean;
  trains: boolean;
}

/** The code of a dispatch. Numbers that its kernels read from the data are added to `args`. */
export function dispatchShader(
  source: Source,
  { kernels, moment, args }: { kernels: readonly Kernel[]; moment: Moment; args: number[] },
): Shader {
  const { lines, workgroups } = branches(
    kernels.map((kernel) => kernelCode(source, kernel)),
    args,
  );
  const scope = new Scope(source, null);
  const once = !moment.trains
    ? []
    : [...(moment.isFirst ? beginStep(scope) : []), ...(moment.isLast ? endStep() : [])];
  const code = [
    BINDINGS,
    LIBRARY,
    RANDOM,
    `const WORKGROUP = ${u(source.tuning.workgroup)};`,
    `var<workgroup> sums: array<vec4<f32>, ${u(sumsSize(source.tuning))}>;`,
    `var<workgroup> tile: array<vec4<f32>, ${u(Math.max(1, source.memory.workgroup / 4))}>;`,
    `@compute @workgroup_size(${source.tuning.workgroup})`,
    'fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) count: vec3<u32>,',
    '  @builtin(local_invocation_index) lid: u32) {',
    ...prelude(source, moment),
    ...(moment.trains && !moment.isFirst ? updateNumbers() : []),
    ...(once.length > 0 ? ['if (index == 0u && lid == 0u) {', ...once, '}'] : []),
    ...lines,
    '}',
  ];
  return { code: code.join('\n'), workgroups };
}

/** The first dispatch of a step, and evaluations, read how many steps are done; the others which one is being made. */
function prelude({ state, memory, lists }: Source, { isFirst, trains }: Moment): Lines {
  const step = isFirst || !trains ? 'u32(state[stateAt + 4u].x)' : 'u32(state[stateAt + 5u].x) - 1u';
  return [
    `let index = id.y * ${u(GRID_WIDTH)} + id.x;`,
    'let replica = id.z;',
    'let replicas = count.z;',
    `let stateAt = replica * ${u(state.total)};`,
    `let workAt = replica * ${u(memory.total / 4)};`,
    `let dataAt = ARGS + replica * ${u(WORDS.lists + (lists?.length ?? 0))};`,
    `let step = ${step};`,
    `let weights = stateAt + ${u(state.weights)} + (step & 1u) * ${u(state.copy)};`,
    `let next = stateAt + ${u(state.weights)} + (1u - (step & 1u)) * ${u(state.copy)};`,
  ];
}

function kernelCode(source: Source, kernel: Kernel): KernelCode {
  const program = source.memory.programs.get(kernel) ?? null;
  const scope = new Scope(source, program);
  if (program) return programCode(scope, kernel, program);
  const op = kernel.phases[0]?.[0] as KernelOp;
  switch (op.op) {
    case 'matmul':
      return flatMatmul(scope, op);
    case 'scatter':
      return flatMap(scope, op.out, scatterCode(scope, op, 'row', 'column'));
    case 'sum-rows':
    case 'layer-norm-gain-gradient':
      return {
        lines: sumCode(scope, op),
        workgroups: scope.rows(op.out) * Math.ceil(scope.width(op.out) / 4),
      };
    case 'measure':
      return { lines: measureCode(scope, op), workgroups: 1 };
    default:
      return flatMap(scope, op.out, mapLines(scope, op, op.out));
  }
}

function mapLines(scope: Scope, op: KernelOp, out: ValueId): Lines {
  const { lines, x } = mapCode(scope, op, 'row', 'column');
  const y = scope.name();
  return [...lines, `let ${y} = ${x};`, ...scope.settle(out, 'row', 'column', y)];
}

function flatMap(scope: Scope, out: ValueId, lines: Lines): KernelCode {
  const width = scope.width(out);
  const cells = scope.rows(out) * width;
  return {
    workgroups: Math.ceil(cells / scope.source.tuning.workgroup),
    lines: [
      'let i = group * WORKGROUP + lid;',
      `if (i < ${u(cells)}) {`,
      `let row = i / ${u(width)};`,
      `let column = i % ${u(width)};`,
      ...lines,
      '}',
    ],
  };
}

function flatMatmul(scope: Scope, op: Extract<KernelOp, { op: 'matmul' }>): KernelCode {
  const { tuning } = scope.source;
  const { blockRows, blockColumns, workgroup } = tuning;
  const rows = scope.rows(op.out);
  const across = Math.ceil((scope.width(op.out) * 4) / blockColumns);
  const blocks = Math.ceil(rows / blockRows) * across;
  const place = [
    `let row0 = n / ${u(across)} * ${u(blockRows)};`,
    `let column0 = n % ${u(across)} * ${u(blockColumns / 4)};`,
  ];
  if (tuning.sharersMax > 1) return sharedMatmul(scope, op, { rows, blocks, place });
  return {
    workgroups: Math.ceil(blocks / workgroup),
    lines: [
      'let n = group * WORKGROUP + lid;',
      `if (n < ${u(blocks)}) {`,
      ...place,
      ...matmulBlock(scope, op, u(rows)),
      '}',
    ],
  };
}

/** Several invocations share the terms of a block; then each adds up and settles some places of the blocks. */
function sharedMatmul(
  scope: Scope,
  op: Extract<KernelOp, { op: 'matmul' }>,
  { rows, blocks, place }: { rows: number; blocks: number; place: Lines },
): KernelCode {
  const { workgroup, blockRows, blockColumns, sharersMax, termsMin } = scope.source.tuning;
  const terms = op.transposeA ? scope.rows(op.a) : scope.width(op.a);
  let sharers = 1;
  while (sharers < sharersMax && terms >= 2 * sharers * termsMin) sharers *= 2;
  const together = workgroup / sharers;
  const cells = (blockRows * blockColumns) / 4;
  const last = u(blocks - 1);
  const lines = [
    '{',
    `let n = min(group * ${u(together)} + lid % ${u(together)}, ${last});`,
    ...place,
    ...blockSums(scope, op, u(rows), { start: `lid / ${u(together)}`, step: sharers }),
    `for (var i = 0u; i < ${u(cells)}; i++) { sums[i * WORKGROUP + lid] = block[i]; }`,
    '}',
    'workgroupBarrier();',
    `for (var cell = lid; cell < ${u(together * cells)}; cell += WORKGROUP) {`,
    `let n = group * ${u(together)} + cell % ${u(together)};`,
    `if (n < ${u(blocks)}) {`,
    ...place,
    `let i = cell / ${u(together)};`,
    'var x = ZERO;',
    `for (var s = 0u; s < ${u(sharers)}; s++) { x += sums[i * WORKGROUP + s * ${u(together)} + cell % ${u(together)}]; }`,
    ...settleCell(scope, op, u(rows)),
    '}',
    '}',
  ];
  return { workgroups: Math.ceil(blocks / together), lines };
}

/** Tile after tile: a workgroup waits between phases, and for its own memory before it goes on. */
function programCode(scope: Scope, kernel: Kernel, program: Program): KernelCode {
  const { tileRows, rows, slots, scratch, scratchAt } = program;
  const barrier = scratchAt === null ? ['workgroupBarrier();', 'storageBarrier();'] : ['storageBarrier();'];
  const lines = [
    ...(scratchAt === null
      ? []
      : [`let scratch = workAt + ${u(scratchAt / 4)} + group * ${u(scratch / 4)};`]),
    `for (var first = group * ${u(tileRows)}; first < ${u(rows)}; first += ${u(tileRows * slots)}) {`,
    `let here = min(${u(tileRows)}, ${u(rows)} - first);`,
    ...kernel.phases.flatMap((ops) => [...ops.flatMap((op) => ['{', ...inTile(scope, op), '}']), ...barrier]),
    '}',
  ];
  return { lines, workgroups: slots, keepsNumbers: true };
}

function inTile(scope: Scope, op: KernelOp): Lines {
  const out = writtenBy(op) as ValueId;
  const rows = `here * ${u(scope.rowsEach(scope.value(out).rows))}`;
  if (op.op !== 'matmul') {
    const width = u(scope.width(out));
    return [
      `for (var i = lid; i < ${rows} * ${width}; i += WORKGROUP) {`,
      `let row = i / ${width};`,
      `let column = i % ${width};`,
      ...mapLines(scope, op, out),
      '}',
    ];
  }
  const { blockRows, blockColumns } = scope.source.tuning;
  const across = u(Math.ceil((scope.width(out) * 4) / blockColumns));
  return [
    `let rows = ${rows};`,
    `let blocks = (rows + ${u(blockRows - 1)}) / ${u(blockRows)} * ${across};`,
    'for (var i = lid; i < blocks; i += WORKGROUP) {',
    `let row0 = i / ${across} * ${u(blockRows)};`,
    `let column0 = i % ${across} * ${u(blockColumns / 4)};`,
    ...matmulBlock(scope, op, 'rows'),
    '}',
  ];
}
