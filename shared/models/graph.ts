// A network as a static graph of primitive operations. It says what is computed, not how: each engine
// brings its own kernels, order and derivatives.

export type Activation = 'relu' | 'gelu' | 'tanh' | 'quadratic';

/** Operations refer to earlier nodes by their position in `nodes`. */
export type GraphNode =
  /** A trained matrix [rows, columns], by its position in `parameters`. */
  | { op: 'parameter'; parameter: number }
  /** Sum over the tokens of a row of the table's rows: [batch, columns of the table]. */
  | { op: 'embed-sum'; table: number }
  | { op: 'matmul'; left: number; right: number }
  | { op: 'activation'; kind: Activation; input: number };

export interface Parameter {
  name: string;
  shape: readonly [rows: number, columns: number];
  /** Standard deviation of the initial values at `init.scale` 1. */
  deviation: number;
}

export interface Graph {
  parameters: readonly Parameter[];
  nodes: readonly GraphNode[];
  /** The node whose value, [batch, classes], is the logits. */
  logits: number;
}

/** The width (columns) of each node's value, and which nodes have one row per batch row. */
export function nodeShapes(graph: Graph): { columns: number; batched: boolean; rows: number }[] {
  const shapes: { columns: number; batched: boolean; rows: number }[] = [];
  const at = (i: number) => shapes[i] as (typeof shapes)[number];
  for (const node of graph.nodes) {
    if (node.op === 'parameter') {
      const [rows, columns] = (graph.parameters[node.parameter] as Parameter).shape;
      shapes.push({ rows, columns, batched: false });
    } else if (node.op === 'embed-sum')
      shapes.push({ rows: 0, columns: at(node.table).columns, batched: true });
    else if (node.op === 'matmul') shapes.push({ ...at(node.left), columns: at(node.right).columns });
    else shapes.push({ ...at(node.input) });
  }
  return shapes;
}

export const parameterCount = (graph: Graph): number =>
  graph.parameters.reduce((sum, { shape }) => sum + shape[0] * shape[1], 0);

/**
 * Floating-point operations of one forward pass over a batch as the graph is written, a lookup counted as the
 * matrix product with one-hot rows that a backward pass needs it to be. Elementwise work is left out.
 */
export function forwardFlops(graph: Graph, batch: number): number {
  const shapes = nodeShapes(graph);
  const rowsOf = (i: number) => (shapes[i]?.batched ? batch : (shapes[i]?.rows ?? 0));
  return graph.nodes.reduce((sum, node) => {
    if (node.op === 'embed-sum')
      return sum + 2 * batch * rowsOf(node.table) * (shapes[node.table]?.columns ?? 0);
    if (node.op !== 'matmul') return sum;
    return sum + 2 * rowsOf(node.left) * rowsOf(node.right) * (shapes[node.right]?.columns ?? 0);
  }, 0);
}
