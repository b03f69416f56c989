import type { EmbeddingMlp } from '../spec/schema.ts';
import type { TaskSize } from '../tasks/task.ts';
import { GraphBuilder } from './builder.ts';
import type { Graph } from './graph.ts';

/**
 * logits = act((E[a] + E[b]) Win) Wout Wunemb, no biases: the network of "Bridging Lottery Ticket and Grokking",
 * section 3.1; or with [E[a], E[b]] side by side, Win having a block of rows for each. The fan-in of the embedding is
 * the vocabulary.
 */
export function embeddingMlp(
  { embedding, hidden, activation, combine }: EmbeddingMlp,
  task: TaskSize,
): Graph {
  const g = new GraphBuilder(task);
  const concat = combine === 'concat';
  const E = g.matrix('E', task.vocabulary, embedding);
  const Win = g.matrix('Win', concat ? task.tokensPerRow * embedding : embedding, hidden);
  const Wout = g.matrix('Wout', hidden, embedding);
  const Wunemb = g.matrix('Wunemb', embedding, task.classes);
  const x = concat ? g.concatTokens(g.lookup(E)) : g.lookup(E, { positions: 'sum' });
  const h = g.activation(activation, g.matmul(x, Win));
  return g.graph(g.matmul(g.matmul(h, Wout), Wunemb));
}
