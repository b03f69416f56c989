// What the network in hand looks like inside, small enough to be sent to the page every second.

import type { Session, Training } from '../../shared/engine/engine.ts';
import { modulusOf, signalsOf } from '../../shared/measures/signals.ts';
import type { Graph, Parameter } from '../../shared/models/graph.ts';
import { modelGraph } from '../../shared/models/index.ts';
import { taskSize } from '../../shared/tasks/index.ts';
import type { NetworkView, ResidueView, ViewedParameter } from '../engine/messages.ts';

/** More rows or columns than this are not seen one by one. */
const SIDE_MAX = 96;
const NEURONS_MAX = 128;

/**
 * Looks at a replica: a copy, so that nothing of the training is shared. Not while the session advances. Rejects as
 * the session does, with DeviceLost for one.
 */
export async function viewOf(
  session: Session,
  replica: number,
  training: Training,
  { sweepId, run }: Pick<NetworkView, 'sweepId' | 'run'>,
): Promise<NetworkView> {
  const begunMs = performance.now();
  const { config } = training;
  const graph = modelGraph(config.model, taskSize(config.task));
  const weights = await session.weights(replica);
  const masks = session.masks ? await session.masks(replica) : (training.masks ?? []);
  const parameters = graph.parameters.flatMap((parameter, p) =>
    parameter.shape[0] > 1 ? [viewed(parameter, weights[p] as Float32Array, masks[p] ?? null)] : [],
  );
  const modulus = modulusOf(config, graph);
  const residues = modulus === null ? null : residuesOf(graph, weights, modulus);
  const tookMs = performance.now() - begunMs;
  return { ...{ sweepId, run, step: session.stepsDone, tookMs }, parameters, residues };
}

/** The memory of a view, to be handed over instead of copied. */
export const transfersOf = ({ parameters, residues }: NetworkView): ArrayBufferLike[] => [
  ...parameters.flatMap(({ values, mask }) => (mask ? [values.buffer, mask.buffer] : [values.buffer])),
  ...(residues?.neurons.map(({ buffer }) => buffer) ?? []),
];

function viewed(
  { name, shape: [rows, columns] }: Parameter,
  weights: Float32Array,
  mask: Uint8Array | null,
): ViewedParameter {
  const [down, across] = [every(rows, SIDE_MAX), every(columns, SIDE_MAX)];
  const shown = { shownRows: down.length, shownColumns: across.length };
  const values = new Float32Array(down.length * across.length);
  const kept = mask && new Uint8Array(values.length);
  down.forEach((r, i) => {
    across.forEach((c, j) => {
      values[i * across.length + j] = weights[r * columns + c] as number;
      if (kept) kept[i * across.length + j] = mask[r * columns + c] as number;
    });
  });
  const share = mask && mask.reduce((sum, bit) => sum + bit, 0) / mask.length;
  return { name, rows, columns, ...shown, values, mask: kept, kept: share };
}

/** Every so many-th place, so that at most `most` are left. */
function every(count: number, most: number): number[] {
  const stride = Math.ceil(count / most);
  return Array.from({ length: Math.ceil(count / stride) }, (_, i) => i * stride);
}

/** Neurons are left out before their weights are multiplied out: that is most of the work. */
function residuesOf(graph: Graph, weights: readonly Float32Array[], p: number): ResidueView {
  const place = (name: string) => graph.parameters.findIndex((parameter) => parameter.name === name);
  const isEmbedding = place('E') >= 0 && place('Win') < 0;
  const last = ['Win', 'E', 'W1'].map(place).find((found) => found >= 0) as number;
  const parameter = graph.parameters[last] as Parameter;
  const [rows, columns] = parameter.shape;
  const across = every(columns, NEURONS_MAX);
  const thin = new Float32Array(rows * across.length);
  const values = weights[last] as Float32Array;
  for (let r = 0; r < rows; r++)
    across.forEach((c, j) => {
      thin[r * across.length + j] = values[r * columns + c] as number;
    });
  const thinned: Parameter = { ...parameter, shape: [rows, across.length] };
  const signals = signalsOf(
    { ...graph, parameters: graph.parameters.with(last, thinned) },
    weights.map((one, i) => (i === last ? thin : one)),
    p,
    'input',
  );
  const neurons = every(signals.length, NEURONS_MAX).map((i) => Float32Array.from(signals[i] ?? []));
  return { p, neurons, of: isEmbedding ? 'embedding' : 'input' };
}
