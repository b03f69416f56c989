import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byResearcher, chanceOf, inFairOrder, inWishedOrder, spread } from './share.ts';

const sweep = (id: string, researcherId: string, priority = 2) => ({ id, researcherId, priority });
type Open = ReturnType<typeof sweep>;

/** How often each sweep is asked first. */
function firsts(sweeps: Open[], draws: number): Record<string, number> {
  const groups = byResearcher(sweeps);
  const counts = Object.fromEntries(sweeps.map(({ id }) => [id, 0]));
  for (let i = 0; i < draws; i++) {
    const [first] = inFairOrder(groups, chanceOf(`device ${i}`));
    counts[(first as Open).id] = (counts[(first as Open).id] ?? 0) + 1;
  }
  return counts;
}

const DRAWS = 30_000;
/** Five standard deviations of a count with this probability. */
const slack = (p: number) => 5 * Math.sqrt(DRAWS * p * (1 - p));

describe('open sweeps share the devices', () => {
  test.each([
    [
      'two researchers alike, however many sweeps they have',
      ['a1 a 2', 'b1 b 2', 'b2 b 2', 'b3 b 2'],
      [3, 1, 1, 1],
    ],
    ['one researcher by priority', ['a1 a 1', 'a2 a 2', 'a3 a 3'], [1, 2, 3]],
    ['by priority within a researcher only', ['a1 a 1', 'b1 b 3', 'b2 b 1'], [4, 3, 1]],
  ])('%s', (_, texts, weights) => {
    const sweeps = texts.map((text) => {
      const [id = '', researcherId = '', priority] = text.split(' ');
      return sweep(id, researcherId, Number(priority));
    });
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    const counts = firsts(sweeps, DRAWS);
    sweeps.forEach(({ id }, i) => {
      const p = (weights[i] as number) / all;
      expect(Math.abs((counts[id] as number) - DRAWS * p)).toBeLessThan(slack(p));
    });
  });

  test('nobody starves: beside a hundred sweeps of one researcher the only one of another gets half', () => {
    const many = Array.from({ length: 100 }, (_, i) => sweep(`a${i}`, 'a', 3));
    const counts = firsts([...many, sweep('b', 'b', 1)], DRAWS);
    expect(Math.abs((counts.b as number) - DRAWS / 2)).toBeLessThan(slack(0.5));
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(0);
  });
});

const someSweeps = fc.array(
  fc.record({ researcherId: fc.constantFrom('a', 'b', 'c'), priority: fc.integer({ min: 1, max: 3 }) }),
  {
    maxLength: 12,
  },
);

test('every open sweep is asked exactly once', () => {
  fc.assert(
    fc.property(someSweeps, fc.string(), (some, text) => {
      const sweeps = some.map((one, id) => ({ ...one, id }));
      const order = [...inFairOrder(byResearcher(sweeps), chanceOf(text))];
      expect(order.map(({ id }) => id).sort((a, b) => a - b)).toEqual(sweeps.map(({ id }) => id));
    }),
  );
});

test('the same text gives the same order, so that who asks again meets the same sweep', () => {
  const groups = byResearcher([sweep('a1', 'a'), sweep('a2', 'a'), sweep('b1', 'b')]);
  const order = (text: string) => [...inFairOrder(groups, chanceOf(text))].map(({ id }) => id);
  expect(order('device 7')).toEqual(order('device 7'));
  expect(new Set(Array.from({ length: 50 }, (_, i) => order(`device ${i}`).join())).size).toBe(6);
});

test('texts are spread evenly over stripes', () => {
  const counts = Array(16).fill(0);
  for (let i = 0; i < 16_000; i++) counts[spread(`volunteer ${i}`) % 16]++;
  expect(Math.min(...counts)).toBeGreaterThan(850);
  expect(Math.max(...counts)).toBeLessThan(1150);
});

describe('wishes', () => {
  const open = (['grokking', 'pruning', 'other'] as const).flatMap((phenomenon) =>
    ['Ada', 'Grace'].map((researcher) => ({
      ...sweep(`${phenomenon} of ${researcher}`, researcher),
      ...{ researcher, phenomenon },
    })),
  );
  const order = (wishes: Parameters<typeof inWishedOrder>[1], seed = 'any') =>
    [...inWishedOrder(byResearcher(open), wishes, chanceOf(seed))].map(({ id }) => id);

  test('come first, those that meet two before those that meet one, and nothing is left out', () => {
    for (let i = 0; i < 50; i++) {
      const both = order({ researcher: 'Ada', phenomenon: 'pruning' }, `both ${i}`);
      expect(both[0]).toBe('pruning of Ada');
      expect(both.slice(1, 4).sort()).toEqual(['grokking of Ada', 'other of Ada', 'pruning of Grace']);
      const one = order({ researcher: null, phenomenon: 'pruning' }, `one ${i}`);
      expect(one.slice(0, 2).sort()).toEqual(['pruning of Ada', 'pruning of Grace']);
      for (const found of [both, one]) expect(found.sort()).toEqual(open.map(({ id }) => id).sort());
    }
  });

  test('that nobody has leave the order to fair shares', () => {
    const fair = [...inFairOrder(byResearcher(open), chanceOf('fair'))].map(({ id }) => id);
    expect(order({ researcher: null }, 'fair')).toEqual(fair);
    expect(order({ researcher: null, phenomenon: null }, 'fair')).toEqual(fair);
    expect(order({ researcher: 'Nobody', phenomenon: 'double-descent' }, 'fair')).toEqual(fair);
  });
});
