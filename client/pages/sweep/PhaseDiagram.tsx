import { useMemo, useState } from 'preact/hooks';
import { CellList, HeatMap } from '../../components/HeatMap.tsx';
import { firstView, isGrid, layoutGrid, mapAxes } from '../../components/heat-map.ts';
import { ViewChoice } from '../../components/ViewChoice.tsx';
import { amount } from '../../format.ts';
import { lostRuns, type SweepData } from './sweep-data.ts';
import { markedByCell } from './use-mine.ts';

interface PhaseDiagramProps {
  data: SweepData;
  paths: readonly string[];
  picked: number | null;
  /** The reader's own runs, to be marked. */
  mine: ReadonlySet<number>;
  onPick: (cell: number) => void;
}

export function PhaseDiagram({ data, paths, picked, mine, onPick }: PhaseDiagramProps) {
  const { cells } = data;
  const axes = useMemo(() => mapAxes(paths, cells), [data]);
  const [chosen, setView] = useState(() => firstView(axes));
  const lost = useMemo(() => lostRuns(data), [data]);
  const own = useMemo(() => markedByCell(data.runs, mine), [data, mine]);
  const choice = { paths, cellCount: cells.length, picked, lost, own, onPick };
  const known = cells.filter(Boolean).length;
  return (
    <section class="figure-card" aria-labelledby="phase">
      <h2 id="phase">Which configurations generalise</h2>
      <p class="small">
        Colour and first line: the share of finished runs that generalised. Second line: median tGen in steps.
        Press a cell to bring out its runs.
      </p>
      {known < data.sweep.cells && (
        <p class="marked" role="status">
          Here are {amount(known)} of {amount(data.sweep.cells)} cells so far; the others come as they are
          fetched.
        </p>
      )}
      {data.sweep.axes.every(({ count }) => count !== null) && isGrid(axes, cells) ? (
        <>
          <ViewChoice axes={axes} view={chosen} onChange={setView} />
          <HeatMap grid={layoutGrid(axes, cells, chosen)} {...choice} />
        </>
      ) : (
        <CellList cells={cells} {...choice} />
      )}
      <HeatKey />
    </section>
  );
}

function HeatKey() {
  return (
    <p class="heat-key small">
      none generalised
      <span class="heat-scale" aria-hidden="true">
        {[0, 1, 2, 3, 4, 5, 6, 7, 8].map((step) => (
          <i key={step} class="heat-cell" data-share={step} />
        ))}
      </span>
      all generalised
    </p>
  );
}
