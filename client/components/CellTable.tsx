import type { CellReply } from '../../shared/protocol.ts';
import { cellWords } from '../../shared/spec/words.ts';
import { amount, interval, median, percent, range, share } from '../format.ts';
import { MineMark } from './Mine.tsx';
import { ScrollBox } from './ScrollBox.tsx';
import { Swatch } from './Swatch.tsx';

interface CellTableProps {
  paths: readonly string[];
  cells: readonly CellReply[];
  /** Median test accuracy at the end of the finished runs of a cell. */
  finals: ReadonlyMap<number, number>;
  picked: number | null;
  /** How many runs of a cell are the reader's own. */
  own: ReadonlyMap<number, number>;
}

/** Longer tables scroll by themselves. */
const TALL = 16;

/** The numbers of every cell. A cell without a finished run says so in each column. */
export function CellTable({ paths, cells, finals, picked, own }: CellTableProps) {
  return (
    <ScrollBox label="Table of cells" isTall={cells.length > TALL}>
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">cell</th>
            <th scope="col">median tGen</th>
            <th scope="col">95 % interval</th>
            <th scope="col">n</th>
            <th scope="col">generalised</th>
            <th scope="col">memorised</th>
            <th scope="col">min to max</th>
            <th scope="col">median tMem</th>
            <th scope="col">censored</th>
            <th scope="col">diverged</th>
            <th scope="col">median final test accuracy</th>
          </tr>
        </thead>
        <tbody>
          {cells.map((cell) => (
            <CellRow
              key={cell.cell}
              cell={cell}
              final={finals.get(cell.cell) ?? null}
              paths={paths}
              cellCount={cells.length}
              isPicked={cell.cell === picked}
              own={own.get(cell.cell) ?? 0}
            />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

interface CellRowProps {
  cell: CellReply;
  final: number | null;
  paths: readonly string[];
  cellCount: number;
  isPicked: boolean;
  own: number;
}

function CellRow({ cell, final, paths, cellCount, isPicked, own }: CellRowProps) {
  const { aggregate: a, runs } = cell;
  const seen = (text: string) => (a.n === 0 ? '–' : text);
  return (
    <tr class={isPicked ? 'is-picked' : undefined}>
      <th scope="row">
        <Swatch cell={cell.cell} cells={cellCount} /> {cellWords(paths, cell.values)}{' '}
        {own > 0 && <MineMark words={`${amount(own)} yours`} />}
      </th>
      <td class={a.tGen.median === null ? undefined : 'is-main'}>{median(a, 'tGen')}</td>
      <td>{interval(a)}</td>
      <td>{a.n === runs ? amount(a.n) : share(a.n, runs)}</td>
      <td>{seen(share(a.generalised, a.n))}</td>
      <td>{seen(amount(a.memorised))}</td>
      <td>{range(a)}</td>
      <td>{median(a, 'tMem')}</td>
      <td>{seen(amount(a.censored))}</td>
      <td>{seen(amount(a.diverged))}</td>
      <td>{percent(final)}</td>
    </tr>
  );
}
