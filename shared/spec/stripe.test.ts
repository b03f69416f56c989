import fc from 'fast-check';
import { expect, test } from 'vitest';
import { globalRun, localRun, runsInStripe, stripeOfRun } from './stripe.ts';

const sized = fc
  .record({
    method: fc.constantFrom('grid' as const, 'random' as const),
    cells: fc.integer({ min: 1, max: 40 }),
    seedCount: fc.integer({ min: 1, max: 12 }),
    cut: fc.double({ min: 0, max: 1, noNaN: true }),
    stripes: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ method, cells, seedCount, cut, stripes }) => {
    const most = cells * seedCount;
    const least = method === 'grid' ? cells : (cells - 1) * seedCount + 1;
    const runs = least + Math.floor(cut * (most - least));
    return { sweep: { spec: { method }, cells, seedCount, runs }, stripes };
  });

test('every run is in exactly one stripe, numbered there in order and without gaps', () => {
  fc.assert(
    fc.property(sized, ({ sweep, stripes }) => {
      const next = new Array<number>(stripes).fill(0);
      for (let run = 0; run < sweep.runs; run++) {
        const stripe = stripeOfRun(sweep, stripes, run);
        for (let other = 0; other < stripes; other++) {
          const local = localRun(sweep, { stripes, stripe: other }, run);
          expect(local).toBe(other === stripe ? next[stripe] : null);
        }
        expect(globalRun(sweep, { stripes, stripe }, next[stripe] as number)).toBe(run);
        next[stripe] = (next[stripe] as number) + 1;
      }
      expect(next).toEqual(next.map((_, stripe) => runsInStripe(sweep, { stripes, stripe })));
    }),
  );
});

test('a cell lies in one stripe with all its seeds', () => {
  fc.assert(
    fc.property(sized, ({ sweep, stripes }) => {
      const homes = new Map<number, number>();
      for (let run = 0; run < sweep.runs; run++) {
        const cell = sweep.spec.method === 'grid' ? run % sweep.cells : Math.floor(run / sweep.seedCount);
        const stripe = stripeOfRun(sweep, stripes, run);
        expect(homes.get(cell) ?? stripe).toBe(stripe);
        homes.set(cell, stripe);
      }
    }),
  );
});

test('a single stripe numbers runs as the sweep does', () => {
  fc.assert(
    fc.property(sized, fc.nat(1000), ({ sweep }, at) => {
      const run = at % sweep.runs;
      expect(localRun(sweep, { stripes: 1, stripe: 0 }, run)).toBe(run);
    }),
  );
});
