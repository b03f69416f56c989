// A stripe is every S-th cell of a sweep, with all its runs: what one dispatcher looks after where a sweep has several.
// Within a stripe runs are numbered from 0, in the order of the sweep and without gaps.

import type { Sweep } from './sweep.ts';

export interface Stripe {
  /** How many stripes the sweep has; a sweep never changes that. */
  stripes: number;
  /** 0 .. stripes - 1 */
  stripe: number;
}

type Sized = Pick<Sweep, 'cells' | 'seedCount' | 'runs'> & { spec: Pick<Sweep['spec'], 'method'> };

/** The stripe that holds a run of the sweep. */
export const stripeOfRun = (sweep: Sized, stripes: number, run: number): number =>
  cellOf(sweep, run) % stripes;

/** How many of the sweep's runs 0 .. upTo - 1 belong to a stripe. */
export function runsInStripe(sweep: Sized, { stripes, stripe }: Stripe, upTo = sweep.runs): number {
  const below = (cells: number) => Math.max(0, Math.ceil((cells - stripe) / stripes));
  if (sweep.spec.method === 'grid') {
    const rows = Math.floor(upTo / sweep.cells);
    return rows * below(sweep.cells) + below(upTo % sweep.cells);
  }
  const cells = Math.floor(upTo / sweep.seedCount);
  const rest = cells % stripes === stripe ? upTo % sweep.seedCount : 0;
  return below(cells) * sweep.seedCount + rest;
}

/** Number within the stripe of a run of the sweep; null where the run is in another stripe or there is none. */
export function localRun(sweep: Sized, stripe: Stripe, run: number): number | null {
  if (run >= sweep.runs || stripeOfRun(sweep, stripe.stripes, run) !== stripe.stripe) return null;
  return runsInStripe(sweep, stripe, run);
}

/** Number within the sweep of run `local` of the stripe. */
export function globalRun(sweep: Sized, { stripes, stripe }: Stripe, local: number): number {
  const [perRow, stride] =
    sweep.spec.method === 'grid'
      ? [Math.max(1, Math.ceil((sweep.cells - stripe) / stripes)), sweep.cells]
      : [sweep.seedCount, sweep.seedCount * stripes];
  const row = Math.floor(local / perRow);
  const place = local % perRow;
  if (sweep.spec.method === 'grid') return row * stride + place * stripes + stripe;
  return row * stride + stripe * sweep.seedCount + place;
}

const cellOf = ({ spec, cells, seedCount }: Sized, run: number): number =>
  spec.method === 'grid' ? run % cells : Math.floor(run / seedCount);
