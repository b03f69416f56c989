// Two plain float64 interpreters to hold the planner and the kernels to: one of networks as written, one of plans.
// Neither pads, fuses or reorders; matrices are row-major.

import { LAYER_NORM_EPSILON, type LossOp, type Op } from '../../shared/engine/ops.ts';
import type { Plan } from '../../shared/engine/plan.ts';
import type { Activation, AttentionForm, Graph, LookupForm } from '../../shared/models/graph.ts';
import { nodeShapes, rowsAt } from '../../shared/models/graph.ts';

export type Numbers = Float64Array;

/** A batch written out. */
export interface BatchRows {
  batch: number;
  tokens: ArrayLike<number>; // [batch, tokensPerRow]
  inputs: ArrayLike<number>; // [batch, features]
  targets: ArrayLike<number>; // [batch]
}

const GELU = Math.sqrt(2 / Math.PI);

/** The tanh form of gelu (Hendrycks and Gimpel 2016, section 2). */
export const activate: Record<Activation, (x: number) => number> = {
  relu: (x) => Math.max(0, x),
  tanh: Math.tanh,
  quadratic: (x) => x * x,
  gelu: (x) => 0.5 * x * (1 + Math.tanh(GELU * (x + 0.044715 * x ** 3))),
};

/** The derivative, from the output for relu and tanh and from the input for the others. */
const slope: Record<Activation, (saved: number) => number> = {
  relu: (y) => (y > 0 ? 1 : 0),
  tanh: (y) => 1 - y * y,
  quadratic: (x) => 2 * x,
  gelu: (x) => {
    const t = Math.tanh(GELU * (x + 0.044715 * x ** 3));
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * GELU * (1 + 3 * 0.044715 * x * x);
  },
};

const at = (values: ArrayLike<number>, i: number) => values[i] as number;

const table = (length: number, of: (i: number) => number): Numbers =>
  Float64Array.from({ length }, (_, i) => of(i));

export function product(
  a: Numbers,
  b: Numbers,
  { m, n, k }: { m: number; n: number; k: number },
  form = { ta: false, tb: false },
) {
  return table(m * n, (i) => {
    const [row, column] = [Math.floor(i / n), i % n];
    let sum = 0;
    for (let j = 0; j < k; j++)
      sum += at(a, form.ta ? j * m + row : row * k + j) * at(b, form.tb ? column * k + j : j * n + column);
    return sum;
  });
}

const lookedUp = ({ positions }: LookupForm, tokens: number) =>
  typeof positions === 'number' ? [positions] : Array.from({ length: tokens }, (_, t) => t);

/** Which row of the table each entry of a batch reads, and which row of the result it is part of. */
function entries(form: LookupForm, { tokens, batch }: BatchRows, tokensPerRow: number) {
  return Array.from({ length: batch }, (_, b) =>
    lookedUp(form, tokensPerRow).map((t) => ({
      from: at(tokens, b * tokensPerRow + t) * form.tokenStride + t * form.positionStride,
      to: form.positions === 'each' ? b * tokensPerRow + t : b,
    })),
  ).flat();
}

function attend(
  q: Numbers,
  k: Numbers,
  form: AttentionForm,
  size: { batch: number; tokens: number; queries: number; columns: number },
): Numbers {
  const { batch, tokens, queries, columns } = size;
  const width = columns / form.heads;
  const probabilities = new Float64Array(batch * queries * form.heads * tokens);
  for (let row = 0; row < batch * queries; row++) {
    const b = Math.floor(row / queries);
    const position = queries === 1 ? tokens - 1 : row % queries;
    for (let head = 0; head < form.heads; head++) {
      const scores = Array.from({ length: tokens }, (_, t) => {
        if (form.causal && t > position) return Number.NEGATIVE_INFINITY;
        let sum = 0;
        for (let c = head * width; c < (head + 1) * width; c++)
          sum += at(q, row * columns + c) * at(k, (b * tokens + t) * columns + c);
        return sum * form.scale;
      });
      const most = Math.max(...scores);
      const total = scores.reduce((sum, s) => sum + Math.exp(s - most), 0);
      scores.forEach((s, t) => {
        probabilities[(row * form.heads + head) * tokens + t] = Math.exp(s - most) / total;
      });
    }
  }
  return probabilities;
}

function weigh(
  probabilities: Numbers,
  v: Numbers,
  form: AttentionForm,
  size: { batch: number; tokens: number; queries: number; columns: number },
): Numbers {
  const { batch, tokens, queries, columns } = size;
  const width = columns / form.heads;
  return table(batch * queries * columns, (i) => {
    const [row, c] = [Math.floor(i / columns), i % columns];
    const [b, head] = [Math.floor(row / queries), Math.floor(c / width)];
    let sum = 0;
    for (let t = 0; t < tokens; t++)
      sum +=
        at(probabilities, (row * form.heads + head) * tokens + t) * at(v, (b * tokens + t) * columns + c);
    return sum;
  });
}

function normalised(x: Numbers, columns: number) {
  const rows = x.length / columns;
  const statistics = new Float64Array(rows * 2);
  for (let r = 0; r < rows; r++) {
    const row = x.subarray(r * columns, (r + 1) * columns);
    const mean = row.reduce((sum, v) => sum + v, 0) / columns;
    const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / columns;
    statistics[2 * r] = mean;
    statistics[2 * r + 1] = 1 / Math.sqrt(variance + LAYER_NORM_EPSILON);
  }
  const values = table(x.length, (i) => {
    const r = Math.floor(i / columns);
    return (at(x, i) - at(statistics, 2 * r)) * at(statistics, 2 * r + 1);
  });
  return { statistics, values };
}

/** The logits [batch, outputs] of a network as written. */
export function forward(graph: Graph, weights: readonly Numbers[], rows: BatchRows): Numbers {
  const shapes = nodeShapes(graph);
  const tokens = graph.tokensPerRow;
  const values: Numbers[] = [];
  const v = (i: number) => values[i] as Numbers;
  const columns = (i: number) => shapes[i]?.columns as number;
  const count = (i: number) => rowsAt((shapes[i] as (typeof shapes)[number]).rows, rows.batch);
  graph.nodes.forEach((node, i) => {
    const compute = (): Numbers => {
      const n = columns(i);
      switch (node.op) {
        case 'parameter':
          return weights[node.parameter] as Numbers;
        case 'input':
          return Float64Array.from(rows.inputs);
        case 'lookup': {
          const out = new Float64Array(count(i) * n);
          for (const { from, to } of entries(node, rows, tokens))
            for (let c = 0; c < n; c++)
              out[to * n + c] = at(out, to * n + c) + at(v(node.table), from * n + c);
          return out;
        }
        case 'concat-tokens':
          return v(node.input);
        case 'last-token':
          return table(count(i) * n, (j) =>
            at(v(node.input), (Math.floor(j / n) * tokens + tokens - 1) * n + (j % n)),
          );
        case 'matmul':
          return product(v(node.left), v(node.right), { m: count(i), n, k: columns(node.left) });
        case 'add':
          return v(node.left).map((x, j) => x + at(v(node.right), j % v(node.right).length));
        case 'activation':
          return v(node.input).map(activate[node.kind]);
        case 'layer-norm':
          return normalised(v(node.input), n).values.map(
            (x, j) => x * at(v(node.gain), j % n) + at(v(node.shift), j % n),
          );
        case 'attention': {
          const queries = count(node.query) / rows.batch;
          const size = { batch: rows.batch, tokens, queries };
          const p = attend(v(node.query), v(node.key), node, { ...size, columns: columns(node.query) });
          return weigh(p, v(node.value), node, { ...size, columns: n });
        }
        case 'repeat-rows':
          return table(count(i) * n, (j) => at(v(node.input), Math.floor(j / n / node.times) * n + (j % n)));
        case 'slice-rows':
          return v(node.input).subarray(node.from * n, (node.from + node.count) * n);
      }
    };
    values.push(compute());
  });
  return v(graph.logits);
}

/** The mean loss of logits [batch, outputs] and its gradient with respect to them. */
export function lossOf(
  kind: LossOp['kind'],
  logits: Numbers,
  targets: ArrayLike<number>,
): { loss: number; gradient: Numbers } {
  const outputs = logits.length / targets.length;
  const gradient = new Float64Array(logits.length);
  let loss = 0;
  for (let r = 0; r < targets.length; r++) {
    const row = logits.subarray(r * outputs, (r + 1) * outputs);
    const most = Math.max(...row);
    const total = row.reduce((sum, x) => sum + Math.exp(x - most), 0);
    row.forEach((x, c) => {
      const hit = c === at(targets, r) ? 1 : 0;
      if (kind === 'squared-error') {
        loss += (x - hit) ** 2 / logits.length;
        gradient[r * outputs + c] = (2 * (x - hit)) / logits.length;
      } else {
        const p = Math.exp(x - most) / total;
        loss -= hit === 0 ? 0 : (x - most - Math.log(total)) / targets.length;
        gradient[r * outputs + c] = (p - hit) / targets.length;
      }
    });
  }
  return { loss, gradient };
}

export const lossOfNetwork = (
  graph: Graph,
  kind: LossOp['kind'],
  weights: readonly Numbers[],
  rows: BatchRows,
): number => lossOf(kind, forward(graph, weights, rows), rows.targets).loss;

/** Executes a plan's operations, updates left out. Returns every value, by its id; unset ones are empty. */
export function interpret(plan: Plan, weights: readonly Numbers[], rows: BatchRows): Numbers[] {
  const tokens = plan.graph.tokensPerRow;
  const count = (id: number) => rowsAt((plan.values[id] as Plan['values'][number]).rows, rows.batch);
  const columns = (id: number) => plan.values[id]?.columns as number;
  // Not numbers until written: what is read too early shows.
  const values: Numbers[] = [];
  const make = (id: number): Numbers => {
    if (values[id]) return values[id];
    const view = plan.values[id]?.view;
    const size = count(id) * columns(id);
    values[id] = view
      ? make(view.of).subarray(view.firstRow * columns(id), view.firstRow * columns(id) + size)
      : new Float64Array(size).fill(Number.NaN);
    return values[id];
  };
  plan.weights.forEach((id, i) => {
    values[id] = weights[i] as Numbers;
  });
  plan.values.forEach((_, id) => {
    make(id);
  });
  const machine: Machine = { rows, tokens, v: (id) => values[id] as Numbers, count, columns };
  for (const op of plan.train) execute(op, machine);
  return values;
}

/** The gradient of the mean loss with respect to each parameter, by the plan. */
export function gradientsOf(plan: Plan, weights: readonly Numbers[], rows: BatchRows): Numbers[] {
  const values = interpret(plan, weights, rows);
  return plan.weights.map((weight) => {
    const update = plan.train.find((op) => op.op === 'update' && op.weight === weight);
    return values[(update as Extract<Op, { op: 'update' }>).gradient] as Numbers;
  });
}

interface Machine {
  rows: BatchRows;
  tokens: number;
  v: (id: number) => Numbers;
  count: (id: number) => number;
  columns: (id: number) => number;
}

function execute(op: Op, machine: Machine): void {
  const { rows, tokens, v, count, columns } = machine;
  if (op.op === 'update') return;
  if (op.op === 'attention-gradient') return attentionGradient(op, machine);
  const set = (id: number, numbers: Numbers) => v(id).set(numbers);
  const n = 'out' in op ? columns(op.out) : 0;
  const each = (of: (r: number, c: number) => number) =>
    set(
      (op as { out: number }).out,
      table(count((op as { out: number }).out) * n, (i) => of(Math.floor(i / n), i % n)),
    );
  switch (op.op) {
    case 'matmul': {
      const k = op.transposeA ? count(op.a) : columns(op.a);
      const m = count(op.out);
      return set(op.out, product(v(op.a), v(op.b), { m, n, k }, { ta: op.transposeA, tb: op.transposeB }));
    }
    case 'lookup':
    case 'scatter':
      return lookUp(op, machine);
    case 'input':
      return set(op.out, Float64Array.from(rows.inputs));
    case 'add':
      return each((r, c) => at(v(op.left), r * n + c) + at(v(op.right), (r % count(op.right)) * n + c));
    case 'sum-rows':
      return each((r, c) => sumRows(op, machine, r, c));
    case 'repeat-rows':
      return each((r, c) => at(v(op.input), Math.floor(r / op.times) * n + c));
    case 'activation':
      return set(op.out, v(op.input).map(activate[op.kind]));
    case 'activation-gradient':
      return set(
        op.out,
        v(op.gradient).map((g, i) => g * slope[op.kind](at(v(op.saved), i))),
      );
    case 'layer-norm': {
      const { statistics, values } = normalised(v(op.input), n);
      set(op.statistics, statistics);
      return set(
        op.out,
        values.map((x, i) => x * at(v(op.gain), i % n) + at(v(op.shift), i % n)),
      );
    }
    case 'layer-norm-gradient':
    case 'layer-norm-gain-gradient':
      return layerNormGradient(op, machine);
    case 'attention': {
      const size = { batch: rows.batch, tokens, queries: count(op.query) / rows.batch };
      set(op.probabilities, attend(v(op.query), v(op.key), op, { ...size, columns: columns(op.query) }));
      return set(op.out, weigh(v(op.probabilities), v(op.value), op, { ...size, columns: n }));
    }
    case 'concat-tokens':
    case 'split-tokens':
      return set(op.out, v(op.input));
    case 'last-token':
      return each((r, c) => at(v(op.input), (r * tokens + tokens - 1) * n + c));
    case 'place-last-token':
      return each((r, c) =>
        r % tokens === tokens - 1 ? at(v(op.input), Math.floor(r / tokens) * n + c) : 0,
      );
    case 'loss':
      return set(op.out, lossOf(op.kind, v(op.logits), rows.targets).gradient);
  }
}

function sumRows(op: Extract<Op, { op: 'sum-rows' }>, { rows, v, columns }: Machine, r: number, c: number) {
  const terms = rowsAt(op.count, rows.batch);
  let sum = 0;
  for (let j = 0; j < terms; j++) sum += at(v(op.input), (r * op.outer + j * op.inner) * columns(op.out) + c);
  return sum;
}

function lookUp(op: Extract<Op, { op: 'lookup' | 'scatter' }>, { rows, tokens, v, columns }: Machine): void {
  const n = columns(op.out);
  const out = v(op.out).fill(0);
  for (const { from, to } of entries(op, rows, tokens)) {
    const [source, s, t] = op.op === 'lookup' ? [v(op.table), from, to] : [v(op.gradient), to, from];
    for (let c = 0; c < n; c++) out[t * n + c] = at(out, t * n + c) + at(source, s * n + c);
  }
}

function layerNormGradient(
  op: Extract<Op, { op: 'layer-norm-gradient' | 'layer-norm-gain-gradient' }>,
  { v, columns }: Machine,
): void {
  const n = columns(op.input);
  const rows = v(op.input).length / n;
  const hat = (i: number) => {
    const r = Math.floor(i / n);
    return (at(v(op.input), i) - at(v(op.statistics), 2 * r)) * at(v(op.statistics), 2 * r + 1);
  };
  const out = v(op.out).fill(0);
  if (op.op === 'layer-norm-gain-gradient') {
    for (let i = 0; i < rows * n; i++) out[i % n] = at(out, i % n) + at(v(op.gradient), i) * hat(i);
    return;
  }
  for (let r = 0; r < rows; r++) {
    const g = (c: number) => at(v(op.gradient), r * n + c) * at(v(op.gain), c);
    let [sum, dot] = [0, 0];
    for (let c = 0; c < n; c++) {
      sum += g(c) / n;
      dot += (g(c) * hat(r * n + c)) / n;
    }
    for (let c = 0; c < n; c++)
      out[r * n + c] = at(v(op.statistics), 2 * r + 1) * (g(c) - sum - hat(r * n + c) * dot);
  }
}

function attentionGradient(
  op: Extract<Op, { op: 'attention-gradient' }>,
  { rows, tokens, v, count, columns }: Machine,
): void {
  const [width, valueWidth] = [columns(op.query) / op.heads, columns(op.value) / op.heads];
  const queries = count(op.query) / rows.batch;
  for (const id of [op.queryOut, op.keyOut, op.valueOut]) v(id).fill(0);
  const addTo = (id: number, i: number, x: number) => {
    v(id)[i] = at(v(id), i) + x;
  };
  for (let row = 0; row < count(op.query); row++) {
    const b = Math.floor(row / queries);
    for (let head = 0; head < op.heads; head++) {
      const p = (t: number) => at(v(op.probabilities), (row * op.heads + head) * tokens + t);
      const dp = Array.from({ length: tokens }, (_, t) => {
        let sum = 0;
        for (let c = head * valueWidth; c < (head + 1) * valueWidth; c++) {
          const g = at(v(op.gradient), row * columns(op.value) + c);
          const i = (b * tokens + t) * columns(op.value) + c;
          sum += g * at(v(op.value), i);
          addTo(op.valueOut, i, p(t) * g);
        }
        return sum;
      });
      const mean = dp.reduce((sum, x, t) => sum + p(t) * x, 0);
      dp.forEach((x, t) => {
        const score = p(t) * (x - mean) * op.scale;
        for (let c = head * width; c < (head + 1) * width; c++) {
          const [qi, ki] = [row * columns(op.query) + c, (b * tokens + t) * columns(op.key) + c];
          addTo(op.queryOut, qi, score * at(v(op.key), ki));
          addTo(op.keyOut, ki, score * at(v(op.query), qi));
        }
      });
    }
  }
}
