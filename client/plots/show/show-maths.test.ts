import { expect, test } from 'vitest';
import { normal } from '../../../shared/random.ts';
import { around, between, type CirclePicture, circlePicture, phaseOf, shapeOf } from './circle.ts';
import { peaksOf, pureNeurons, purity, spectrumOf, strongest } from './spectrum.ts';

const P = 31;
/** Neurons that swing at a frequency, each from another phase on. */
const swinging = (frequency: number, count = 24, p = P) =>
  Array.from({ length: count }, (_, n) =>
    Float32Array.from({ length: p }, (_, a) => Math.cos(2 * Math.PI * ((frequency * a) / p + n / count))),
  );
const noise = (seed: number, count = 24, p = P) =>
  Array.from({ length: count }, (_, n) =>
    Float32Array.from({ length: p }, (_, a) => normal(seed, 'init', n * p + a, 0)),
  );
const pictured = (neurons: Float32Array[], before: CirclePicture | null = null) =>
  circlePicture(neurons, spectrumOf(neurons, neurons[0]?.length ?? 0), before);
const turned = (neurons: Float32Array[], by: number) =>
  neurons.map((neuron) => neuron.map((_, a) => neuron[(a + by) % neuron.length] as number));
const distance = (a: Float64Array, b: Float64Array) =>
  Math.sqrt(a.reduce((sum, x, i) => sum + (x - (b[i] as number)) ** 2, 0) / (a.length / 2));

test('residues embedded by cosines of one frequency lie on a circle, in the order of that frequency', () => {
  const picture = pictured(swinging(7));
  expect(picture).toMatchObject({ p: P, frequency: 7 });
  expect(picture.share).toBeCloseTo(1, 6);
  expect(picture.spread).toBeLessThan(1e-6);
  expect(shapeOf(picture)).toBe('circle');
  // Neighbours around the circle are all equally far apart.
  const order = around(P, 7);
  const gaps = order.map((a, i) => {
    const b = order[(i + 1) % P] as number;
    const [x, y] = [0, 1].map((d) => picture.points[2 * a + d]! - picture.points[2 * b + d]!);
    return Math.hypot(x as number, y as number);
  });
  for (const gap of gaps) expect(gap).toBeCloseTo(2 * Math.sin(Math.PI / P), 5);
});

test('noise lies on no circle and has its power at no frequency in particular', () => {
  for (let seed = 0; seed < 10; seed++) {
    const picture = pictured(noise(seed));
    expect(picture.share).toBeLessThan(0.25);
    expect(picture.spread).toBeGreaterThan(0.25);
    expect(shapeOf(picture)).not.toBe('circle');
  }
});

test('noise of many neurons is no circle either, although it projects to a ring', () => {
  for (const p of [5, 13, 31, 113])
    for (let seed = 0; seed < 10; seed++) expect(shapeOf(pictured(noise(seed, 128, p)))).toBe('none');
  expect(pictured(noise(0, 128, 13)).spread).toBeLessThan(0.25);
});

test('a circle is found within other frequencies and some noise', () => {
  const mixed = swinging(5).map((neuron, n) =>
    neuron.map((w, a) => w + 0.5 * swinging(11)[(7 * n) % 24]![a]! + 0.05 * noise(1)[n]![a]!),
  );
  const picture = pictured(mixed);
  expect(picture.frequency).toBe(5);
  expect(picture.share).toBeGreaterThan(0.7);
  expect(peaksOf(spectrumOf(mixed, P), 2).map(({ frequency }) => frequency)).toEqual([5, 11]);
  expect(shapeOf(picture)).toBe('circle');
});

test('a circle lies the same, however the network turned, mirrored or scaled it', () => {
  const first = pictured(swinging(7));
  expect([first.points[0], first.points[1]].map((x) => Math.round(1e6 * (x ?? 0)))).toEqual([1e6, 0]);
  const mirrored = swinging(7).map((neuron) => neuron.map((_, a) => neuron[(P - a) % P] as number));
  for (const neurons of [turned(swinging(7), 9), swinging(7).map((n) => n.map((w) => -3 * w)), mirrored])
    expect(distance(pictured(neurons).points, first.points)).toBeLessThan(1e-5);
  expect(distance(pictured(swinging(8)).points, first.points)).toBeGreaterThan(0.1);
});

test('the frequency stays while it is about the strongest, and changes once another clearly is', () => {
  const both = (five: number, eleven: number) =>
    swinging(5).map((neuron, n) => neuron.map((w, a) => five * w + eleven * swinging(11)[n]![a]!));
  const first = pictured(both(1, 0.9));
  expect(first.frequency).toBe(5);
  const second = pictured(both(1, 1.05), first);
  expect(second.frequency).toBe(5);
  expect(pictured(both(1, 1.05)).frequency).toBe(11);
  expect(pictured(both(1, 2), second).frequency).toBe(11);
  // Of another network nothing is kept.
  expect(pictured(swinging(3, 8, 13), first)).toMatchObject({ p: 13, frequency: 3 });
});

test('one neuron, or none that swings, is still a picture of finite points', () => {
  for (const neurons of [swinging(7, 1), [new Float32Array(P)], [new Float32Array(P).fill(Number.NaN)]]) {
    const picture = pictured(neurons);
    expect(picture.points.every(Number.isFinite)).toBe(true);
    expect(shapeOf(picture)).toBe('none');
  }
});

test('the spectrum of a neuron says at which frequency it swings, and sorts the neurons by that', () => {
  const neurons = [...swinging(9, 2), ...swinging(2, 2), new Float32Array(P), ...noise(4, 1)];
  const spectrum = spectrumOf(neurons, P);
  expect(spectrum.frequencies).toBe(15);
  expect(
    spectrum.shares
      .slice(0, 4)
      .map(strongest)
      .map(({ frequency }) => frequency),
  ).toEqual([9, 9, 2, 2]);
  for (const neuron of spectrum.shares.slice(0, 4)) expect(strongest(neuron).share).toBeCloseTo(1, 6);
  expect([...(spectrum.shares[4] ?? [])].every((share) => share === 0)).toBe(true);
  const found = spectrum.order.map((n) => strongest(spectrum.shares[n] ?? []).frequency);
  expect(found).toEqual([...found].sort((a, b) => a - b));
  expect(pureNeurons(spectrum)).toBe(4);
  expect(purity(spectrumOf([...swinging(9, 2), new Float32Array(P)], P))).toBeCloseTo(1, 6);
  expect([...spectrum.total].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
});

test('around a circle the residues follow by the frequency times the residue', () => {
  expect(around(7, 3)).toEqual([0, 5, 3, 1, 6, 4, 2]);
  expect(around(7, 3).map((a) => phaseOf(a, 7, 3))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(around(6, 2)).toEqual([0, 3, 1, 4, 2, 5]);
});

test('between two pictures lie those on the way, and none between pictures of other sizes', () => {
  const [from, to] = [Float64Array.of(0, 0), Float64Array.of(1, 2)];
  expect(between(from, to, 0.5)).toEqual(Float64Array.of(0.5, 1));
  expect(between(from, to, 1)).toEqual(to);
  expect(between(Float64Array.of(1, 2, 3, 4), to, 0.5)).toEqual(to);
});
