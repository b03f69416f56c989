import '../style.css';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aggregateCell } from '../../shared/measures/aggregate.ts';
import type { CellReply } from '../../shared/protocol.ts';
import { CellList, HeatMap } from './HeatMap.tsx';
import { firstView, layoutGrid, mapAxes } from './heat-map.ts';

const box = document.createElement('div');
beforeEach(() => document.body.append(box));
afterEach(() => {
  act(() => render(null, box));
  box.remove();
});

const finished = { tMem: 2, tGen: 5, tau: 2.5, censoredAt: null, divergedAt: null };
const ended = { ...finished, finalTrainAccuracy: 1, finalTestAccuracy: 1 };
const diverged = { ...ended, tMem: null, tGen: null, tau: null, divergedAt: 3 };
/** Tiles of one, two, three and four lines. */
const aggregates = [[], [ended, ended], [ended], [ended, diverged]].map((of) => aggregateCell(of, 100));
const cellsOf = (paths: number): CellReply[] =>
  aggregates.map((aggregate, cell) => ({
    ...{ cell, runs: cell === 3 ? 3 : 2, aggregate },
    values: paths === 1 ? [cell] : [Math.floor(cell / 2), cell % 2],
  }));
const choice = {
  ...{ cellCount: 4, picked: null, onPick: () => {} },
  lost: new Map([[0, { failed: 1, cancelled: 1 }]]),
  own: new Map([[1, 2]]),
};
const tiles = () => [...box.querySelectorAll('button')].map((tile) => tile.getBoundingClientRect());
const rounded = (numbers: number[]) => new Set(numbers.map(Math.round));

test('tiles of a row are equally high, however much they say', () => {
  const paths = ['optimizer.lr', 'optimizer.weightDecay'];
  const axes = mapAxes(paths, cellsOf(2));
  const grid = layoutGrid(axes, cellsOf(2), firstView(axes));
  act(() => render(<HeatMap grid={grid} paths={paths} {...choice} />, box));
  const all = tiles();
  expect(all).toHaveLength(4);
  expect(rounded(all.slice(0, 2).map(({ height }) => height)).size).toBe(1);
  expect(rounded(all.slice(2).map(({ height }) => height)).size).toBe(1);
});

test('the reader’s own runs are counted in the tile of their cell, in few words where there are very many', () => {
  const shown = (cellCount: number) => {
    const cells = cellsOf(1);
    act(() =>
      render(<CellList cells={cells} paths={['optimizer.lr']} {...choice} cellCount={cellCount} />, box),
    );
    return [...box.querySelectorAll('.heat-own')];
  };
  const [own, ...others] = shown(4);
  expect([own?.textContent, others]).toEqual(['22 yours, ', []]);
  expect(own?.querySelector('svg')).not.toBeNull();
  expect(shown(100)[0]?.textContent).toBe('2 yours, ');
});

test('in a list of cells, names and tiles of neighbours stand in line', () => {
  box.style.width = '60rem';
  act(() => render(<CellList cells={cellsOf(1)} paths={['optimizer.lr']} {...choice} />, box));
  const all = tiles();
  expect(rounded(all.map(({ top }) => top)).size).toBe(1);
  expect(rounded(all.map(({ bottom }) => bottom)).size).toBe(1);
  const names = [...box.querySelectorAll('.heat-name')].map((name) => name.getBoundingClientRect().top);
  expect(rounded(names).size).toBe(1);
});
