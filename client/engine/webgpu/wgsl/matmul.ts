import type { Op } from '../../../../shared/engine/ops.ts';
import { u } from './numbers.ts';
import type { Lines, Scope } from './scope.ts';

type Matmul = Extract<Op, { op: 'matmul' }>;

const LETTERS = ['x', 'y', 'z', 'w'] as const;
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Which of a block's terms an invocation adds up: every `step`th from `start` on. */
export interface Share {
  start: string;
  step: number;
}

const ALL: Share = { start: '0u', step: 1 };

/**
 * Adds up a block of a matrix product in registers, `block`: out's rows from `row0` of `rows`, its columns from
 * `column0` (in fours). Every load brings four numbers. Blocks at the edge read the last row or column again.
 */
export function blockSums(scope: Scope, op: Matmul, rows: string, share = ALL): Lines {
  const { blockRows, blockColumns } = scope.source.tuning;
  const size = { rows: blockRows, columns: blockColumns / 4 };
  const terms = (count: number) => `for (var k = ${share.start}; k < ${u(count)}; k += ${u(share.step)}) {`;
  const product = op.transposeA
    ? transposedLeft(scope, op, size, terms)
    : op.transposeB
      ? transposedRight(scope, op, { ...size, rowsHere: rows }, terms)
      : plain(scope, op, { ...size, rowsHere: rows }, terms);
  const { columns } = scope.value(op.out);
  const sums = cells(size).map(([i, j]) => {
    const sum = sumName(i, j);
    return op.transposeB ? `keep(${sum}, column0 + ${u(j)}, ${u(columns)})` : sum;
  });
  return [
    ...cells(size).map(([i, j]) => `var ${sumName(i, j)} = ZERO;`),
    ...product,
    `var block = array<vec4<f32>, ${sums.length}>(${sums.join(', ')});`,
  ];
}

/** A whole block by one invocation. */
export function matmulBlock(scope: Scope, op: Matmul, rows: string): Lines {
  const { blockRows, blockColumns } = scope.source.tuning;
  const count = (blockRows * blockColumns) / 4;
  return [
    ...blockSums(scope, op, rows),
    `for (var i = 0u; i < ${u(count)}; i++) { let x = block[i];`,
    ...settleCell(scope, op, rows),
    '}',
  ];
}

/** Settles x, the four numbers at place `i` of the block. What lies beyond the edge is dropped. */
export function settleCell(scope: Scope, op: Matmul, rows: string): Lines {
  const across = u(scope.source.tuning.blockColumns / 4);
  return [
    `let row = row0 + i / ${across};`,
    `let column = column0 + i % ${across};`,
    `if (row < ${rows} && column < ${u(scope.width(op.out))}) {`,
    ...scope.settle(op.out, 'row', 'column', 'x'),
    '}',
  ];
}

type Terms = (count: number) => string;

interface Size {
  rows: number;
  /** In fours. */
  columns: number;
}

interface RowsSize extends Size {
  /** How many rows there are. */
  rowsHere: string;
}

const sumName = (i: number, j: number) => `s${i}_${j}`;
const cells = (size: Size) =>
  range(size.rows).flatMap((i) => range(size.columns).map((j) => [i, j] as const));

const addProduct = (sum: string, scalar: string, vector: string) =>
  `${sum} = fma(vec4<f32>(${scalar}), ${vector}, ${sum});`;

const addDot = (sum: string, a: string, b: string) =>
  LETTERS.reduce((so, letter) => `fma(${a}.${letter}, ${b}.${letter}, ${so})`, sum);

/** Names a place in memory once, so that its index is worked out outside the loop. */
const pointer = (name: string, place: string) => `let ${name} = ${place};`;

/** Splits `array[index]` of a place. */
function split(place: string): { array: string; index: string } {
  const open = place.indexOf('[');
  return { array: place.slice(0, open), index: place.slice(open + 1, -1) };
}

/** Rows of the left factor, four of its columns at a time. */
function leftRows(scope: Scope, op: Matmul, { rows, rowsHere }: RowsSize) {
  const places = range(rows).map((i) =>
    split(scope.near(op.a, `min(row0 + ${u(i)}, ${rowsHere} - 1u)`, '0u')),
  );
  return {
    before: places.map(({ index }, i) => pointer(`a${i}At`, index)),
    load: places.map(({ array }, i) => `let a${i} = ${array}[a${i}At + k];`),
  };
}

const columnAt = (scope: Scope, op: Matmul, j: number) =>
  `min(column0 + ${u(j)}, ${u(scope.width(op.out) - 1)})`;

/** out = a b: four rows of b for four columns of a. What a has beyond its last column is 0. */
function plain(scope: Scope, op: Matmul, size: RowsSize, terms: Terms): Lines {
  const left = leftRows(scope, op, size);
  const { array, index } = split(scope.far(op.b, '0u', '0u'));
  const width = u(scope.width(op.b));
  const last = u(scope.rows(op.b) - 1);
  const body = range(size.columns).flatMap((j) => [
    ...LETTERS.map((_, q) => `let b${q}_${j} = ${array}[r${q} + c${j}];`),
    ...range(size.rows).map((i) => {
      const sum = sumName(i, j);
      return LETTERS.map((letter, q) => addProduct(sum, `a${i}.${letter}`, `b${q}_${j}`)).join(' ');
    }),
  ]);
  return [
    ...left.before,
    ...range(size.columns).map((j) => pointer(`c${j}`, `${index} + ${columnAt(scope, op, j)}`)),
    terms(scope.width(op.a)),
    ...left.load,
    ...LETTERS.map((_, q) => `let r${q} = min(k * 4u + ${u(q)}, ${last}) * ${width};`),
    ...body,
    '}',
  ];
}

/** out = a b': both factors run along their rows. */
function transposedRight(scope: Scope, op: Matmul, size: RowsSize, terms: Terms): Lines {
  const left = leftRows(scope, op, size);
  const last = u(scope.rows(op.b) - 1);
  const rights = range(4 * size.columns).map((n) =>
    split(scope.far(op.b, `min(column0 * 4u + ${u(n)}, ${last})`, '0u')),
  );
  const load = (n: number) => `let b${n} = ${rights[n]?.array}[b${n}At + k];`;
  const body = range(size.columns).flatMap((j) => [
    ...range(4).map((q) => load(4 * j + q)),
    ...range(size.rows).map((i) => {
      const sum = sumName(i, j);
      const dots = range(4).map((q) => addDot(`${sum}.${LETTERS[q]}`, `a${i}`, `b${4 * j + q}`));
      return `${sum} = vec4<f32>(${dots.join(', ')});`;
    }),
  ]);
  return [
    ...left.before,
    ...rights.map(({ index }, n) => pointer(`b${n}At`, index)),
    terms(scope.width(op.a)),
    ...left.load,
    ...body,
    '}',
  ];
}

/** out = a' b: four columns of a are four rows of out. */
function transposedLeft(scope: Scope, op: Matmul, size: Size, terms: Terms): Lines {
  const [a, b] = [split(scope.far(op.a, '0u', '0u')), split(scope.far(op.b, '0u', '0u'))];
  const [aWidth, bWidth] = [scope.width(op.a), scope.width(op.b)];
  return [
    ...range(size.rows / 4).map((i) =>
      pointer(`a${i}At`, `${a.index} + min(row0 / 4u + ${u(i)}, ${u(aWidth - 1)})`),
    ),
    ...range(size.columns).map((j) => pointer(`b${j}At`, `${b.index} + ${columnAt(scope, op, j)}`)),
    terms(scope.rows(op.a)),
    ...range(size.rows / 4).map((i) => `let a${i} = ${a.array}[a${i}At + k * ${u(aWidth)}];`),
    ...range(size.columns).map((j) => `let b${j} = ${b.array}[b${j}At + k * ${u(bWidth)}];`),
    ...cells(size).map(([i, j]) =>
      addProduct(sumName(i, j), `a${Math.floor(i / 4)}.${LETTERS[i % 4]}`, `b${j}`),
    ),
    '}',
  ];
}
