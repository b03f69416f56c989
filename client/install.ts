// What a browser needs to keep these pages as an app: the service worker, and whether they can be installed.

import { signal } from '@preact/signals';
import type { InstallWay } from './components/InstallButton.tsx';

/** What Chromium tells where a page can be installed. */
interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}
/** Only browsers of iPhones and iPads have that; false in a tab. There only the browser's own menu can install. */
type MaybeApple = Navigator & { standalone?: boolean };

/** How the pages can be installed from here. */
export const installWay = signal<InstallWay>(null);

/** The browser is not to ask by itself: there is a button. */
export function listenForOffers(): void {
  if ((navigator as MaybeApple).standalone === false) installWay.value = { by: 'by-hand' };
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    const install = () => {
      // Good for one use; the browser makes another offer should the answer be no.
      installWay.value = null;
      void (event as InstallEvent).prompt();
    };
    installWay.value = { by: 'prompt', install };
  });
  addEventListener('appinstalled', () => {
    installWay.value = null;
  });
}

/** Registers the service worker once the page is there and idle: what it fetches must not slow the first visit down. */
export function keepPages(): void {
  if (!import.meta.env.PROD || !navigator.serviceWorker) return;
  const register = () => {
    // A browser that refuses (private windows) shows the pages as well, online.
    navigator.serviceWorker.register('/sw.js').then(keepWhatWasLoaded, () => undefined);
  };
  const whenIdle = () => ('requestIdleCallback' in globalThis ? requestIdleCallback(register) : register());
  if (document.readyState === 'complete') whenIdle();
  else addEventListener('load', whenIdle, { once: true });
}

/** What this page has loaded before there was a service worker. */
async function keepWhatWasLoaded(): Promise<void> {
  const { active } = await navigator.serviceWorker.ready;
  const urls = performance.getEntriesByType('resource').map(({ name }) => name);
  active?.postMessage({ type: 'keep', urls });
}

/** Has all that training needs kept, so that a reload without a connection can go on. */
export async function keepTraining(): Promise<void> {
  if (!import.meta.env.PROD || !navigator.serviceWorker) return;
  (await navigator.serviceWorker.ready).active?.postMessage({ type: 'keep-training' });
}
