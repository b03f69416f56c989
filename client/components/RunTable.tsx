import { useState } from 'preact/hooks';
import type { CellReply, RunSummary } from '../../shared/protocol.ts';
import { cellWords } from '../../shared/spec/words.ts';
import { amount, milestone, percent, stateWords } from '../format.ts';
import { MineMark } from './Mine.tsx';
import { ScrollBox } from './ScrollBox.tsx';
import { Swatch } from './Swatch.tsx';

const PAGE = 25;

interface RunTableProps {
  sweepId: string;
  paths: readonly string[];
  runs: readonly RunSummary[];
  cells: ReadonlyMap<number, CellReply>;
  /** The reader's own, to be marked. */
  mine: ReadonlySet<number>;
}

/** Every run, a page at a time. */
export function RunTable({ sweepId, paths, runs, cells, mine }: RunTableProps) {
  const [wanted, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil(runs.length / PAGE));
  const page = Math.min(wanted, pages - 1);
  return (
    <>
      <ScrollBox label="Table of runs">
        <table class="numbers">
          <thead>
            <tr>
              <th scope="col">run</th>
              <th scope="col" class="is-words">
                cell
              </th>
              <th scope="col">seed</th>
              <th scope="col">tGen</th>
              <th scope="col">tMem</th>
              <th scope="col">final test accuracy</th>
              <th scope="col" class="is-words">
                state
              </th>
              <th scope="col" class="is-words">
                engine
              </th>
              <th scope="col" class="is-words">
                by
              </th>
            </tr>
          </thead>
          <tbody>
            {runs.slice(page * PAGE, (page + 1) * PAGE).map((run) => (
              <RunRow
                key={run.index}
                href={`/sweeps/${sweepId}/runs/${run.index}`}
                run={run}
                paths={paths}
                cells={cells}
                isMine={mine.has(run.index)}
              />
            ))}
          </tbody>
        </table>
      </ScrollBox>
      {pages > 1 && <Pager page={page} pages={pages} runs={runs.length} onPage={setPage} />}
    </>
  );
}

interface RunRowProps {
  href: string;
  run: RunSummary;
  paths: readonly string[];
  cells: ReadonlyMap<number, CellReply>;
  isMine: boolean;
}

function RunRow({ href, run, paths, cells, isMine }: RunRowProps) {
  const cell = cells.get(run.cell);
  const m = run.milestones;
  const lastStep = m?.censoredAt ?? cell?.aggregate.lastStep ?? 0;
  return (
    <tr>
      <th scope="row" class="is-brief">
        <a href={href}>run {run.index}</a> {isMine && <MineMark words="yours" />}
      </th>
      <td class="is-words is-cell">
        <Swatch cell={run.cell} cells={cells.size} /> {cell ? cellWords(paths, cell.values) : run.cell}
      </td>
      <td>{run.seed}</td>
      <td class={m?.tGen == null ? undefined : 'is-main'}>{m ? milestone(m, 'tGen', lastStep) : '–'}</td>
      <td>{m ? milestone(m, 'tMem', lastStep) : '–'}</td>
      <td>
        {m ? percent(m.finalTestAccuracy) : '–'}
        {m && m.divergedAt !== null && m.finalTestAccuracy !== null && (
          <span class="small"> before diverging</span>
        )}
      </td>
      <td class="is-words">{stateWords(run)}</td>
      <td class="is-words">{run.engine ? `${run.engine} ${run.engineVersion ?? ''}` : '–'}</td>
      <td class="is-words">{run.volunteer ?? '–'}</td>
    </tr>
  );
}

interface PagerProps {
  page: number;
  pages: number;
  runs: number;
  onPage: (page: number) => void;
}

function Pager({ page, pages, runs, onPage }: PagerProps) {
  return (
    <nav class="pager" aria-label="Pages of runs">
      <button
        type="button"
        class="button button-quiet"
        disabled={page === 0}
        onClick={() => onPage(page - 1)}
      >
        Previous
      </button>
      <span aria-live="polite">
        {amount(page * PAGE + 1)} to {amount(Math.min(runs, (page + 1) * PAGE))} of {amount(runs)}
      </span>
      <button
        type="button"
        class="button button-quiet"
        disabled={page === pages - 1}
        onClick={() => onPage(page + 1)}
      >
        Next
      </button>
    </nav>
  );
}
