import type { ComponentChildren } from 'preact';
import { pageWords } from '../words/index.ts';

/** Something went wrong, in words, with what can be done about it. */
export function Failure({ words, children }: { words: string; children?: ComponentChildren }) {
  return (
    <div class="notice notice-failure" role="alert">
      <p>{words}</p>
      {children}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p class="loading" role="status">
      {pageWords().layout.loading(what)}
    </p>
  );
}

/** Nothing to show yet, said honestly, with the way to change that. */
export function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="notice">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
