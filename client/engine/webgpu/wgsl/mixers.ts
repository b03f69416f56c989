// Operations that mix rows, and so wait for whole dispatches before them; matrix products apart.

import type { KernelOp } from '../../../../shared/engine/fuse-ops.ts';
import { rowsAt } from '../../../../shared/models/graph.ts';
import { HEADER } from '../layout.ts';
import { u } from './numbers.ts';
import type { Lines, Scope } from './scope.ts';

type OpOf<T extends KernelOp['op']> = Extract<KernelOp, { op: T }>;

/** Adds the gradients of the rows that looked a row of the table up: by a list, or by looking at every token. */
export function scatterCode(scope: Scope, op: OpOf<'scatter'>, row: string, column: string): Lines {
  const { lists, plan, batch } = scope.source;
  const add = (from: string) => `x += ${scope.far(op.gradient, from, column)};`;
  if (lists) {
    const list = lists.findIndex(
      (form) =>
        form.positions === op.positions &&
        form.tokenStride === op.tokenStride &&
        form.positionStride === op.positionStride,
    );
    const ends = `data[starts + ${row} + 1u]`;
    return [
      'var x = ZERO;',
      `let starts = ${scope.word('lists', list)};`,
      `for (var n = data[starts + ${row}]; n < ${ends}; n++) { let source = data[n]; ${add('source')} }`,
      ...scope.settle(op.out, row, column, 'x'),
    ];
  }
  const tokens = u(plan.graph.tokensPerRow);
  const from = op.positions === 'each' ? `n * ${tokens} + position` : 'n';
  const positions =
    typeof op.positions === 'number'
      ? `var position = ${u(op.positions)}; position < ${u(op.positions + 1)}; position++`
      : `var position = 0u; position < ${tokens}; position++`;
  const index = `${scope.token('own', 'position')} * ${u(op.tokenStride)} + position * ${u(op.positionStride)}`;
  return [
    'var x = ZERO;',
    `for (var n = 0u; n < ${u(batch)}; n++) {`,
    `let own = ${scope.taskRow(op.rows, 'n')};`,
    `for (${positions}) { if (${index} == ${row}) { let source = ${from}; ${add('source')} } }`,
    '}',
    ...scope.settle(op.out, row, column, 'x'),
  ];
}

/** Sums over rows: lanes of a workgroup take every so manyth row, then add up pairwise. */
export function sumCode(scope: Scope, op: OpOf<'sum-rows' | 'layer-norm-gain-gradient'>): Lines {
  const { tuning, batch } = scope.source;
  const slices = tuning.workgroup / 4;
  const width = scope.width(op.out);
  const [count, at] =
    op.op === 'sum-rows'
      ? [rowsAt(op.count, batch), `row * ${u(op.outer)} + n * ${u(op.inner)}`]
      : [scope.rows(op.input), 'n'];
  const input = scope.far(op.op === 'sum-rows' ? op.input : op.gradient, at, 'column');
  const lines =
    op.op === 'sum-rows'
      ? [`x += ${input};`]
      : [
          `let s = ${scope.far(op.statistics, at, '0u')};`,
          `x += ${input} * (${scope.far(op.input, at, 'column')} - s.x) * s.y;`,
        ];
  const groups = Math.ceil(width / 4);
  return [
    `let row = group / ${u(groups)};`,
    `let column = group % ${u(groups)} * 4u + lid % 4u;`,
    'let slice = lid / 4u;',
    'var x = ZERO;',
    `if (column < ${u(width)}) {`,
    `for (var n = slice; n < ${u(count)}; n += ${u(slices)}) {`,
    ...lines,
    '}',
    '}',
    ...addUp(tuning.workgroup, 4),
    `if (slice == 0u && column < ${u(width)}) {`,
    'let total = sums[lid];',
    ...scope.settle(op.out, 'row', 'column', 'total'),
    '}',
  ];
}

/** Adds up x of all lanes, pairwise, down to the first `left` ones; in the shared array `sums`. */
function addUp(lanes: number, left: number): Lines {
  return [
    'sums[lid] = x;',
    'workgroupBarrier();',
    `for (var half = ${u(lanes / 2)}; half >= ${u(left)}; half /= 2u) {`,
    'if (lid < half) { sums[lid] += sums[lid + half]; }',
    'workgroupBarrier();',
    '}',
  ];
}

/** Losses, right answers and rows that are not finite, of the training rows and of the test rows, into the record. */
export function measureCode(scope: Scope, op: OpOf<'measure'>): Lines {
  const { tuning, trainRows, taskRows } = scope.source;
  const part = (from: number, to: number): Lines => [
    'x = ZERO;',
    `for (var n = ${u(from)} + lid; n < ${u(to)}; n += ${u(tuning.workgroup)}) { x += ${scope.far(op.input, 'n', '0u')}; }`,
    ...addUp(tuning.workgroup, 1),
  ];
  return [
    `let slot = u32(state[stateAt + ${u(HEADER.records)}].x);`,
    'let at = (slot * replicas + replica) * 2u;',
    'var x = ZERO;',
    ...part(0, trainRows),
    'if (lid == 0u) { records[at] = sums[0]; }',
    'workgroupBarrier();',
    ...part(trainRows, taskRows),
    'if (lid == 0u) {',
    'records[at + 1u] = sums[0];',
    `state[stateAt + ${u(HEADER.records)}] = vec4<f32>(f32(slot + 1u));`,
    '}',
  ];
}
