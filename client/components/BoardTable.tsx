import type { BoardsReply } from '../../shared/protocol.ts';
import { amount, interval, median, share } from '../format.ts';
import { type Ranked, ranked } from './ranking.ts';
import { ScrollBox } from './ScrollBox.tsx';

type BoardRow = BoardsReply['boards'][number]['rows'][number];

/** Cells by how soon they generalise. */
export function BoardTable({ task, rows }: { task: string; rows: readonly BoardRow[] }) {
  return (
    <ScrollBox label={`Table of ${task}`}>
      <table class="numbers board">
        <thead>
          <tr>
            <th scope="col">rank</th>
            <th scope="col" class="is-words">
              cell
            </th>
            <th scope="col">median tGen</th>
            <th scope="col">95 % interval</th>
            <th scope="col">n</th>
            <th scope="col">generalised</th>
          </tr>
        </thead>
        <tbody>
          {ranked(rows).map((entry) => (
            <Row key={`${entry.row.sweepId}/${entry.row.cell}`} {...entry} />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function Row({ row, rank, isTied }: Ranked<BoardRow>) {
  const a = row.aggregate;
  return (
    <tr>
      <td class="rank">
        {rank === null ? '–' : rank}
        {isTied && <span class="tie">tie</span>}
      </td>
      <th scope="row">
        {row.label}
        <a class="small" href={`/sweeps/${row.sweepId}`}>
          {row.title}
        </a>
      </th>
      <td class={rank === null ? undefined : 'is-main'}>{median(a, 'tGen')}</td>
      <td>{interval(a)}</td>
      <td>{a.n === row.runs ? amount(a.n) : share(a.n, row.runs)}</td>
      <td>{share(a.generalised, a.n)}</td>
    </tr>
  );
}
