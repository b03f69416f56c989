import type { KernelOp } from '../../../../shared/engine/fuse-ops.ts';
import type { ValueId } from '../../../../shared/engine/ops.ts';
import type { Code } from './maps.ts';
import { f, u } from './numbers.ts';
import type { Lines, Scope } from './scope.ts';

type Attention = Extract<KernelOp, { heads: number }>;

export function attentionCode(scope: Scope, op: Attention, row: string, column: string): Code {
  switch (op.op) {
    case 'attention-weights':
      return weights(scope, op, row, column);
    case 'attention-scores-gradient':
      return scoresGradient(scope, op, row, column);
    case 'attention-mix':
      return mix(scope, { op, shares: op.weights, input: op.value }, row, column);
    case 'attention-query-gradient':
      return mix(scope, { op, shares: op.scores, input: op.key }, row, column);
    case 'attention-key-gradient':
      return gather(scope, { op, shares: op.scores, input: op.query }, row, column);
    case 'attention-value-gradient':
      return gather(scope, { op, shares: op.weights, input: op.gradient }, row, column);
  }
}

/** Tokens of a row, and rows that ask for each row of the batch: all tokens, or the last one. */
function sizes(scope: Scope, queries: ValueId) {
  const tokens = scope.source.plan.graph.tokensPerRow;
  const asking = scope.value(queries).rows.count;
  return { tokens, asking, T: u(tokens), Q: u(asking) };
}

/** The product of a head's columns of two rows, added to `sum`. */
function headProduct(scope: Scope, heads: number, a: [ValueId, string], b: [ValueId, string]): string {
  const each = scope.value(a[0]).columns / heads;
  const inHead = (n: number, body: string) => `for (var k = 0u; k < ${u(n)}; k++) { ${body} }`;
  if (each % 4 === 0) {
    const at = `head * ${u(each / 4)} + k`;
    return inHead(each / 4, `sum += dot(${scope.near(...a, at)}, ${scope.near(...b, at)});`);
  }
  const at = `head * ${u(each)} + k`;
  return inHead(each, `sum += ${scope.number(...a, at)} * ${scope.number(...b, at)};`);
}

/** Goes through four columns of a matrix [query rows, heads * tokens]: `head` and `token` belong to one of them. */
const forHeads = (heads: number, T: string, column: string, body: Lines): Lines => [
  'var x = ZERO;',
  'for (var lane = 0u; lane < 4u; lane++) {',
  `let j = ${column} * 4u + lane;`,
  `if (j >= ${u(heads)} * ${T}) { break; }`,
  `let head = j / ${T};`,
  `let token = j % ${T};`,
  ...body,
  '}',
];

function weights(
  scope: Scope,
  op: Extract<Attention, { op: 'attention-weights' }>,
  row: string,
  column: string,
): Code {
  const { T, Q } = sizes(scope, op.query);
  const key = `${row} / ${Q} * ${T} + t`;
  const isSeen = op.causal ? `t <= ${row} % ${Q} + ${T} - ${Q}` : 'true';
  const body = [
    `var scores = array<f32, ${T}>();`,
    'var highest = -3.0e38;',
    `for (var t = 0u; t < ${T}; t++) {`,
    `if (${isSeen}) {`,
    'var sum = 0.0;',
    headProduct(scope, op.heads, [op.query, row], [op.key, key]),
    `scores[t] = sum * ${f(op.scale)};`,
    'highest = max(highest, scores[t]);',
    '}',
    '}',
    'var all = 0.0;',
    'var own = 0.0;',
    `for (var t = 0u; t < ${T}; t++) {`,
    `let e = select(0.0, exp(scores[t] - highest), ${isSeen});`,
    'all += e;',
    'if (t == token) { own = e; }',
    '}',
    'x[lane] = own / all;',
  ];
  return { lines: forHeads(op.heads, T, column, body), x: 'x' };
}

function scoresGradient(
  scope: Scope,
  op: Extract<Attention, { op: 'attention-scores-gradient' }>,
  row: string,
  column: string,
): Code {
  const { T, Q } = sizes(scope, op.gradient);
  const value = `${row} / ${Q} * ${T} + t`;
  const body = [
    'var mean = 0.0;',
    'var own = 0.0;',
    'var share = 0.0;',
    `for (var t = 0u; t < ${T}; t++) {`,
    'var sum = 0.0;',
    headProduct(scope, op.heads, [op.gradient, row], [op.value, value]),
    `let p = ${scope.number(op.weights, row, `head * ${T} + t`)};`,
    'mean += p * sum;',
    'if (t == token) { own = sum; share = p; }',
    '}',
    `x[lane] = share * (own - mean) * ${f(op.scale)};`,
  ];
  return { lines: forHeads(op.heads, T, column, body), x: 'x' };
}

interface Weighing {
  op: Attention;
  shares: ValueId;
  input: ValueId;
}

/** The shares that four columns have, by the head each of them belongs to. */
function sharesOf(scope: Scope, { op, shares }: Weighing, row: string, column: string): string {
  const { T } = sizes(scope, shares);
  const each = scope.value(op.out).columns / op.heads;
  const share = (head: string) => scope.number(shares, row, `${head} * ${T} + t`);
  if (each % 4 === 0) return share(`(${column} / ${u(each / 4)})`);
  const of = (lane: number) => share(`min((${column} * 4u + ${u(lane)}) / ${u(each)}, ${u(op.heads)} - 1u)`);
  return `vec4<f32>(${[0, 1, 2, 3].map(of).join(', ')})`;
}

/** For each row that asks: the sum of its row's tokens by their shares. */
function mix(scope: Scope, weighing: Weighing, row: string, column: string): Code {
  const { T, Q } = sizes(scope, weighing.shares);
  const input = scope.near(weighing.input, `${row} / ${Q} * ${T} + t`, column);
  const add = `x += ${sharesOf(scope, weighing, row, column)} * ${input};`;
  return { lines: ['var x = ZERO;', `for (var t = 0u; t < ${T}; t++) { ${add} }`], x: 'x' };
}

/** For each token: the sum of the rows that ask, by the share they give it. */
function gather(scope: Scope, weighing: Weighing, row: string, column: string): Code {
  const { T, Q } = sizes(scope, weighing.shares);
  const add = `x += ${sharesOf(scope, weighing, 'asking', column)} * ${scope.near(weighing.input, 'asking', column)};`;
  const lines = [
    'var x = ZERO;',
    `let t = ${row} % ${T};`,
    `for (var q = 0u; q < ${Q}; q++) {`,
    `let asking = ${row} / ${T} * ${Q} + q;`,
    add,
    '}',
  ];
  return { lines, x: 'x' };
}
