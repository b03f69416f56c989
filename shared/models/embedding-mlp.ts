import type { EmbeddingMlp } from '../spec/schema.ts';
import type { TaskSize } from '../tasks/task.ts';
import type { Graph } from './graph.ts';

/**
 * logits = act((E[a] + E[b]) Win) Wout Wunemb, no biases: the network of "Bridging Lottery Ticket and Grokking",
 * section 3.1. Initial weights are N(0, scale / sqrt(fan_in)); the fan-in of the embedding is the vocabulary.
 */
export function embeddingMlp({ embedding, hidden, activation }: EmbeddingMlp, task: TaskSize): Graph {
  const matrix = (name: string, rows: number, columns: number) =>
    ({ name, shape: [rows, columns], deviation: 1 / Math.sqrt(rows) }) as const;
  return {
    parameters: [
      matrix('E', task.vocabulary, embedding),
      matrix('Win', embedding, hidden),
      matrix('Wout', hidden, embedding),
      matrix('Wunemb', embedding, task.classes),
    ],
    nodes: [
      { op: 'parameter', parameter: 0 },
      { op: 'embed-sum', table: 0 },
      { op: 'parameter', parameter: 1 },
      { op: 'matmul', left: 1, right: 2 },
      { op: 'activation', kind: activation, input: 3 },
      { op: 'parameter', parameter: 2 },
      { op: 'matmul', left: 4, right: 5 },
      { op: 'parameter', parameter: 3 },
      { op: 'matmul', left: 6, right: 7 },
    ],
    logits: 8,
  };
}
