import { expect, test } from 'vitest';
import type { Training } from '../../shared/engine/engine.ts';
import { signalsOf } from '../../shared/measures/signals.ts';
import { modelGraph } from '../../shared/models/index.ts';
import type { RunConfig } from '../../shared/spec/schema.ts';
import { readSweep, runAt } from '../../shared/spec/sweep.ts';
import { taskSize } from '../../shared/tasks/index.ts';
import { addition, TINY } from '../../test/configurations.ts';
import { driver, following } from '../../test/engine/programmes.ts';
import { circlePicture, shapeOf } from '../plots/show/circle.ts';
import { purity, spectrumOf } from '../plots/show/spectrum.ts';
import { transfersOf, viewOf } from './view.ts';

const PLACE = { sweepId: 'demo-00000000', run: 4 };
/** The configuration in which tickets show. */
const T = addition({
  ...{ p: 67, embedding: 500, hidden: 48, trainFraction: 0.5, weightDecay: 1, steps: 1500 },
});

async function viewed(training: Training, until = 1) {
  const session = await driver.prepare([training]);
  await session.advance(until, []);
  return { session, view: await viewOf(session, 0, training, PLACE) };
}

test('a small network is seen whole, with the step and the run it is of', async () => {
  const { session, view } = await viewed({ config: TINY, seed: 3 }, 2);
  const weights = await session.weights(0);
  expect(view).toMatchObject({ ...PLACE, step: 2 });
  expect(view.parameters.map(({ name, rows, columns }) => [name, rows, columns])).toEqual([
    ...[
      ['E', 7, 6],
      ['Win', 6, 5],
    ],
    ...[
      ['Wout', 5, 6],
      ['Wunemb', 6, 7],
    ],
  ]);
  for (const [p, parameter] of view.parameters.entries()) {
    expect(parameter.values).toEqual(weights[p]);
    expect([parameter.shownRows, parameter.shownColumns]).toEqual([parameter.rows, parameter.columns]);
    expect([parameter.mask, parameter.kept]).toEqual([null, null]);
  }
});

test('of a large matrix evenly spaced rows and columns are seen, and its true size is told', async () => {
  const { session, view } = await viewed({ config: T, seed: 0 });
  const [E] = await session.weights(0);
  const seen = view.parameters[0];
  expect(seen).toMatchObject({ name: 'E', rows: 67, columns: 500, shownRows: 67, shownColumns: 84 });
  for (const [r, c] of [
    [0, 0],
    [3, 7],
    [66, 83],
  ] as const)
    expect(seen?.values[r * 84 + c]).toBe(E?.[r * 500 + 6 * c]);
  const bytes = transfersOf(view).reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(bytes).toBeLessThan(200_000);
});

test('neurons are told as functions of the residue, as the measures see them', async () => {
  const { session, view } = await viewed({ config: T, seed: 0 });
  const graph = modelGraph(T.model, taskSize(T.task));
  const signals = signalsOf(graph, await session.weights(0), 67, 'input');
  expect(view.residues?.of).toBe('input');
  expect(view.residues?.neurons).toEqual(signals.map((signal) => Float32Array.from(signal)));
});

test('of very many neurons 128 are told, of each position of the network as many', async () => {
  const wide = { kind: 'mlp', hidden: [300], activation: 'relu', bias: true, dropout: 0 };
  const config = { ...TINY, model: wide } as unknown as RunConfig;
  const { session, view } = await viewed({ config, seed: 0 });
  const [W1] = await session.weights(0);
  expect(view.residues?.neurons).toHaveLength(100);
  expect(view.residues?.neurons[0]).toEqual(Float32Array.from({ length: 7 }, (_, r) => W1?.[300 * r] ?? 0));
  expect(view.parameters.map(({ name }) => name)).toEqual(['W1', 'W2']);
});

test('a transformer is told by its embedding, and a task without residues by its matrices alone', async () => {
  const transformer = {
    ...{ kind: 'transformer', embedding: 8, heads: 2, layers: 1, mlp: 8, activation: 'relu', dropout: 0 },
    ...{ positional: false, bias: false, layerNorm: false, causal: true, attentionScale: true, tied: false },
  };
  const config = { ...TINY, model: transformer } as unknown as RunConfig;
  const { view } = await viewed({ config, seed: 0 });
  expect(view.residues).toMatchObject({ p: 7, of: 'embedding' });
  expect(view.residues?.neurons).toHaveLength(8);
  const parity = readSweep({
    ...{ name: 'parity', title: 'Parity', train: { steps: 2 }, optimizer: { lr: 0.01 } },
    task: { kind: 'parity', bits: 8, relevant: 3, trainRows: 60, testRows: 60 },
    model: { kind: 'mlp', hidden: [5] },
  });
  if (!parity.ok) throw new Error(JSON.stringify(parity.problems));
  expect((await viewed(runAt(parity.value, 0))).view.residues).toBeNull();
});

test('masks are seen with the share they keep: of a programme as they are now, of others as they were given', async () => {
  const pruned = following([
    { kind: 'prune', fraction: 0.6 },
    { kind: 'train', steps: 5 },
  ]);
  const ofProgramme = (await viewed({ config: pruned, seed: 0 })).view.parameters[0];
  expect(ofProgramme?.kept).toBeCloseTo(0.4, 1);
  expect(ofProgramme?.mask?.filter((bit) => bit === 1)).toHaveLength(Math.round(0.4 * 42));
  ofProgramme?.mask?.forEach((bit, i) => {
    if (bit === 0) expect(ofProgramme.values[i]).toBe(0);
  });
  const whole = [30, 30, 42].map((n) => new Uint8Array(n).fill(1));
  const masks = [Uint8Array.from({ length: 42 }, (_, i) => i % 2), ...whole];
  const given = (await viewed({ config: TINY, seed: 0, masks })).view.parameters;
  expect(given.map(({ kept }) => kept)).toEqual([0.5, 1, 1, 1]);
});

test('what is sent to the page is handed over, every array once', async () => {
  const { view } = await viewed({ config: TINY, seed: 0 });
  const moved = structuredClone(view, { transfer: transfersOf(view) as ArrayBuffer[] });
  expect(view.parameters[0]?.values).toHaveLength(0);
  expect(moved.parameters[0]?.values).toHaveLength(42);
});

test('as a network groks its residues turn up on a circle and its neurons settle on a frequency each', async () => {
  const config = addition({
    ...{ p: 31, embedding: 64, hidden: 32, trainFraction: 0.7, weightDecay: 1.5, steps: 900 },
  });
  const training = { config, seed: 1 };
  const session = await driver.prepare([training]);
  const seen = [];
  for (const step of [0, 900]) {
    await session.advance(step, []);
    const { residues } = await viewOf(session, 0, training, PLACE);
    const spectrum = spectrumOf(residues?.neurons ?? [], 31);
    const picture = circlePicture(residues?.neurons ?? [], spectrum, null);
    seen.push({ shape: shapeOf(picture), purity: purity(spectrum) });
  }
  expect(seen.map(({ shape }) => shape)).toEqual(['none', 'circle']);
  expect(seen[0]?.purity).toBeLessThan(0.35);
  expect(seen[1]?.purity).toBeGreaterThan(0.8);
});
