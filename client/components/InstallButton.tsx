import type { ReadonlySignal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { words } from '../words/index.ts';

/**
 * How the page can be installed: 'prompt' asks the browser to do it; 'by-hand' where one does it in the browser's own
 * menu; null where it cannot be, or is.
 */
export type InstallWay = { by: 'prompt'; install: () => void } | { by: 'by-hand' } | null;

export const InstallContext = createContext<ReadonlySignal<InstallWay> | null>(null);

/** There only where the browser can install the page and has not done so; asks nobody by itself. */
export function InstallButton() {
  const way = useContext(InstallContext)?.value;
  if (!way) return null;
  const { button, byHand, how, why } = words().install;
  if (way.by === 'by-hand')
    return (
      <details class="install">
        <summary>{byHand}</summary>
        <p class="small">
          {how} {why}
        </p>
      </details>
    );
  return (
    <div class="install">
      <button type="button" class="button button-quiet button-small" onClick={way.install}>
        {button}
      </button>
      <p class="small">{why}</p>
    </div>
  );
}
