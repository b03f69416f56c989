import { runCost } from './cost.ts';
import { cellConfig, runsInCell, type Sweep } from './sweep.ts';

/** Sweeps with more cells are estimated from so many of them, evenly spaced. */
const CELLS_COUNTED_MAX = 2000;

/** Floating-point operations of all runs of a sweep together. Exact up to 2000 cells, beyond that an estimate. */
export function sweepFlops(sweep: Sweep): number {
  const counted = Math.min(sweep.cells, CELLS_COUNTED_MAX);
  let runs = 0;
  let flops = 0;
  for (let i = 0; i < counted; i++) {
    const cell = Math.floor((i * sweep.cells) / counted);
    const inCell = runsInCell(sweep, cell);
    runs += inCell;
    flops += inCell * runCost(cellConfig(sweep, cell)).flops;
  }
  return (flops / runs) * sweep.runs;
}
