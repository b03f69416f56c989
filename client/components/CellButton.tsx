import type { CellReply } from '../../shared/protocol.ts';
import { cellWords } from '../../shared/spec/words.ts';
import { amount, interval, median, share } from '../format.ts';
import { MineRing } from './Mine.tsx';
import { Swatch } from './Swatch.tsx';

const NONE: Lost = { failed: 0, cancelled: 0 };

/** More cells than this are said in fewer words. */
const CROWD = 64;

/** Runs of a cell that ended without a result. */
export interface Lost {
  failed: number;
  cancelled: number;
}

interface CellButtonProps {
  cell: CellReply;
  paths: readonly string[];
  cellCount: number;
  picked: number | null;
  lost: Lost | undefined;
  /** Runs of it that are the reader's own and marked. */
  own: number;
  onPick: (cell: number) => void;
  tabIndex: number;
  /** Its place, by which it is found again to be focused. */
  at: string;
  onReach: () => void;
}

/** One configuration: its colour is the share of seeds that generalised, its text says the rest. */
export function CellButton({
  cell,
  paths,
  cellCount,
  picked,
  lost = NONE,
  own,
  onPick,
  tabIndex,
  at,
  onReach,
}: CellButtonProps) {
  const { aggregate: a, runs } = cell;
  const isCrowded = cellCount > CROWD;
  const open = runs - a.n - lost.failed - lost.cancelled;
  const portion = a.n === 0 ? 0 : a.generalised / a.n;
  return (
    <button
      type="button"
      class={a.n === 0 ? 'heat-cell heat-cell-empty' : 'heat-cell'}
      data-at={at}
      data-share={heatStep(portion)}
      tabIndex={tabIndex}
      aria-pressed={picked === cell.cell}
      onClick={() => onPick(cell.cell)}
      onFocus={onReach}
    >
      <Swatch cell={cell.cell} cells={cellCount} />
      {own > 0 && <Own runs={own} isBrief={isCrowded} />}
      <Heard>{`${cellWords(paths, cell.values)}: `}</Heard>
      <span class="heat-share">
        {a.n === 0 ? <Nothing isBrief={isCrowded} isOver={open <= 0} /> : share(a.generalised, a.n)}
      </span>
      {a.n > 0 && (
        <>
          <Heard>{' runs generalised'}</Heard>
          {a.diverged < a.n && (
            <>
              <Heard>{', median tGen '}</Heard>
              <span class="heat-median">{median(a, 'tGen')}</span>
            </>
          )}
          {a.tGen.lower !== null && <Heard>{`, 95 % interval ${interval(a)}`}</Heard>}
          {a.diverged > 0 && (
            <>
              <Heard>, </Heard>
              <span class="heat-open">{share(a.diverged, a.n)} diverged</span>
            </>
          )}
        </>
      )}
      <Heard>, </Heard>
      {lost.failed > 0 && <span class="heat-open">{amount(lost.failed)} failed</span>}
      {lost.failed > 0 && <Heard>, </Heard>}
      {lost.cancelled > 0 && <span class="heat-open">{amount(lost.cancelled)} not trained</span>}
      {lost.cancelled > 0 && <Heard>, </Heard>}
      {open > 0 && !(isCrowded && a.n === 0) && <span class="heat-open">{amount(open)} to come</span>}
    </button>
  );
}

/** In the corner: how many runs are the reader's own. */
const Own = ({ runs, isBrief }: { runs: number; isBrief: boolean }) => (
  <span class="heat-own">
    <MineRing />
    {!isBrief && <span aria-hidden="true">{amount(runs)}</span>}
    <Heard>{`${amount(runs)} yours, `}</Heard>
  </span>
);

/** A thousand cells cannot all say it at length. */
function Nothing({ isBrief, isOver }: { isBrief: boolean; isOver: boolean }) {
  const words = isOver ? 'no result' : 'no run yet';
  if (!isBrief) return <>{words}</>;
  return (
    <>
      <span aria-hidden="true">–</span>
      <Heard>{words}</Heard>
    </>
  );
}

/** What the picture says by place and colour, for those who hear it. */
const Heard = ({ children }: { children: string }) => <span class="visually-hidden">{children}</span>;

/** Which of the nine steps of the heat colours a share has; the ends are kept for none and for all. */
function heatStep(portion: number): number {
  if (portion === 0 || portion === 1) return 8 * portion;
  return Math.min(7, Math.max(1, Math.round(8 * portion)));
}
