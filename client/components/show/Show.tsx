import { useMemo, useRef, useState } from 'preact/hooks';
import type { NetworkView } from '../../engine/messages.ts';
import { amount } from '../../format.ts';
import { spectrumOf } from '../../plots/show/spectrum.ts';
import { lending } from '../../words/lending.ts';
import { CirclePanel } from './CirclePanel.tsx';
import { Masks, Weights } from './Matrices.tsx';
import { Segments } from './Segments.tsx';
import { SpectrumPanel } from './SpectrumPanel.tsx';
import { useLookedAt } from './use-looked-at.ts';

export interface ShowProps {
  /** The latest look inside; null before the first. */
  view: NetworkView | null;
  /** Whether another look is to be expected. */
  isTraining: boolean;
  /** Told whether anybody looks: true while the panels are open, on the screen and in a visible tab. */
  onWant: (isWanted: boolean) => void;
}

type Tab = 'circle' | 'spectrum' | 'weights' | 'masks';

/** The network in hand from inside. It costs the training nothing while it is closed or out of sight. */
export default function Show({ view, isTraining, onWant }: ShowProps) {
  const box = useRef<HTMLDetailsElement>(null);
  const [isOpen, setOpen] = useState(true);
  const [tab, setTab] = useState<Tab | null>(null);
  useLookedAt(box, isOpen, onWant);
  const said = lending().show.inside;
  const shown = tab ?? (view && !view.residues ? 'weights' : 'circle');
  return (
    <details ref={box} class="show" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h3>{said.title}</h3>
      </summary>
      {isOpen && !view && <p class="small">{isTraining ? said.waiting : said.idle}</p>}
      {isOpen && view && (
        <div class="show-panel">
          <div class="figure-head">
            <p class="small">{said.of(view.run, amount(view.step))}</p>
            <Segments name="inside" legend={said.choice} of={said.tabs} value={shown} onChange={setTab} />
          </div>
          <Panel view={view} tab={shown} />
        </div>
      )}
    </details>
  );
}

function Panel({ view, tab }: { view: NetworkView; tab: Tab }) {
  const { residues } = view;
  const needsSpectrum = tab === 'circle' || tab === 'spectrum';
  const spectrum = useMemo(
    () => (residues && needsSpectrum ? spectrumOf(residues.neurons, residues.p) : null),
    [residues, needsSpectrum],
  );
  if (tab === 'weights') return <Weights parameters={view.parameters} />;
  if (tab === 'masks') return <Masks parameters={view.parameters} />;
  if (!residues || !spectrum) return <p>{lending().show.noResidues}</p>;
  if (tab === 'spectrum') return <SpectrumPanel spectrum={spectrum} />;
  return <CirclePanel key={`${view.sweepId}/${view.run}`} residues={residues} spectrum={spectrum} />;
}
