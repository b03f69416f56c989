// The training of this tab, for pages that do without its code: that is loaded when a page wants it.

import { type ReadonlySignal, signal } from '@preact/signals';
import { createContext } from 'preact';
import { keptPause } from './pause.ts';
import { mayResume } from './renewal.ts';
import type { Session } from './session.ts';

export const SessionContext = createContext<Session | null>(null);

const loaded = signal<Session | null>(null);
/** Null until a page wanted it. */
export const sessionHere: ReadonlySignal<Session | null> = loaded;

/** How far training in this tab is, in a few words; null while there is none. */
export const progressHere = signal<string | null>(null);

let loading: Promise<Session> | null = null;

/** The training of this tab, off or on. Rejects where it cannot be loaded; may be asked again then. */
export function wantSession(): Promise<Session> {
  loading ??= import('./tab-session.ts').then(
    ({ beginSession }) => {
      loaded.value = beginSession();
      return loaded.value;
    },
    (error) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

/** A page that needs the training of this tab, loaded together with it. */
export const withSession =
  <T>(load: () => Promise<T>) =>
  async (): Promise<T> => {
    const [page] = await Promise.all([load(), wantSession()]);
    return page;
  };

/** Whether this tab was training or paused before it was loaded, so that every page is to say so. */
export const isSessionDue = (): boolean => keptPause() !== null || mayResume();
