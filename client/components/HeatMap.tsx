import { useRef, useState } from 'preact/hooks';
import type { CellReply } from '../../shared/protocol.ts';
import { cellWords, pathWords, valueWords } from '../../shared/spec/words.ts';
import { CellButton, type Lost } from './CellButton.tsx';
import { type Grid, moved } from './heat-map.ts';

export interface CellChoice {
  paths: readonly string[];
  cellCount: number;
  /** The cell picked; null: none. */
  picked: number | null;
  onPick: (cell: number) => void;
  /** Of cells with runs that ended without a result. */
  lost: ReadonlyMap<number, Lost>;
  /** How many runs of a cell are the reader's own. */
  own: ReadonlyMap<number, number>;
}

/** The phase diagram: a cell per configuration. One stop for Tab; arrow keys go from cell to cell. */
export function HeatMap({ grid, ...choice }: CellChoice & { grid: Grid }) {
  const table = useRef<HTMLTableElement>(null);
  const [at, setAt] = useState<readonly [number, number]>([0, 0]);
  const { across, down, rows } = grid;
  const first = rows
    .flatMap((row, r) => row.map((cell, c) => (cell ? ([r, c] as const) : null)))
    .find(Boolean);
  const current = rows[at[0]]?.[at[1]] ? at : (first ?? [0, 0]);
  const go = (event: KeyboardEvent) => {
    const next = moved(rows, current, event.key);
    if (next === current) return;
    event.preventDefault();
    setAt(next);
    table.current?.querySelector<HTMLElement>(`[data-at="${next.join('-')}"]`)?.focus();
  };
  const nameOf =
    down === null ? pathWords(across.path) : `${pathWords(down.path)} by ${pathWords(across.path)}`;
  return (
    <div class="scroll-box">
      {!down && <p class="heat-across">{pathWords(across.path)} →</p>}
      <table
        class={down ? 'heat heat-with-rows' : 'heat'}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid is a table in which arrow keys move
        role="grid"
        aria-label={`Phase diagram: ${nameOf}`}
        ref={table}
        onKeyDown={go}
        style={{ '--columns': across.values.length }}
      >
        <thead>
          <tr>
            {down && (
              <td class="heat-corner">
                <span>{pathWords(down.path)} ↓</span>
                <span>{pathWords(across.path)} →</span>
              </td>
            )}
            {across.values.map((value) => (
              <th scope="col" key={String(value)}>
                {valueWords(value)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, r) => (
            <tr key={String(down?.values[r] ?? '')}>
              {down && <th scope="row">{valueWords(down.values[r]!)}</th>}
              {row.map((cell, c) => (
                <HeatCell
                  key={cell?.cell ?? `hole-${c}`}
                  {...choice}
                  cell={cell}
                  at={[r, c]}
                  current={current}
                  onReach={setAt}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type HeatCellProps = CellChoice & {
  cell: CellReply | null;
  at: readonly [number, number];
  current: readonly [number, number];
  onReach: (at: readonly [number, number]) => void;
};

function HeatCell({ cell, at, current, onReach, ...choice }: HeatCellProps) {
  if (!cell) return <td class="heat-hole" aria-label="not in this sweep" />;
  const isCurrent = at[0] === current[0] && at[1] === current[1];
  return (
    <td>
      <CellButton
        {...choice}
        cell={cell}
        lost={choice.lost.get(cell.cell)}
        own={choice.own.get(cell.cell) ?? 0}
        tabIndex={isCurrent ? 0 : -1}
        at={at.join('-')}
        onReach={() => onReach(at)}
      />
    </td>
  );
}

/** The cells of a sweep that fills no grid: a list of them, in the order of their first value. */
export function CellList({ cells, ...choice }: CellChoice & { cells: readonly CellReply[] }) {
  const sorted = [...cells].sort((a, b) => Number(a.values[0]) - Number(b.values[0]) || a.cell - b.cell);
  return (
    <ul class="heat-list">
      {sorted.map((cell) => (
        <li key={cell.cell}>
          <span class="heat-name">{cellWords(choice.paths, cell.values)}</span>
          <CellButton
            {...choice}
            cell={cell}
            lost={choice.lost.get(cell.cell)}
            own={choice.own.get(cell.cell) ?? 0}
            tabIndex={0}
            at={String(cell.cell)}
            onReach={() => {}}
          />
        </li>
      ))}
    </ul>
  );
}
