import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { pageWords } from '../words/index.ts';
import { useIsDark } from './theme.ts';

export interface Chart<State> {
  update(state: State): void;
  resize(width: number): void;
  destroy(): void;
}

interface ChartOptions<State> {
  /** Loads the drawing and makes it in an element; again whenever `parts` change, or the theme. */
  create: (element: HTMLElement) => Promise<Chart<State>>;
  parts: readonly unknown[];
  state: State;
  /** What of the state is drawn: a change of these is enough to draw it again. */
  drawn: readonly unknown[];
}

/** A chart that is loaded when it is shown, follows its element's width, and says so where it could not be loaded. */
export function useChart<State>({ create, parts, state, drawn }: ChartOptions<State>): {
  host: RefObject<HTMLDivElement | null>;
  failure: ComponentChildren;
} {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart<State> | null>(null);
  const latest = useRef(state);
  const isDark = useIsDark();
  const [failures, setFailures] = useState(0);
  const [tries, setTries] = useState(0);
  latest.current = state;
  useEffect(() => {
    const element = host.current as HTMLDivElement;
    let isGone = false;
    const resized = new ResizeObserver(() => chart.current?.resize(element.clientWidth));
    create(element).then(
      (made) => {
        if (isGone) return made.destroy();
        chart.current = made;
        made.update(latest.current);
        resized.observe(element);
      },
      () => !isGone && setFailures((n) => n + 1),
    );
    return () => {
      isGone = true;
      resized.disconnect();
      chart.current?.destroy();
      chart.current = null;
    };
  }, [...parts, isDark, tries]);
  useEffect(() => chart.current?.update(latest.current), [...drawn]);
  const words = pageWords().plot;
  const failure = failures > tries && (
    <p>
      {words.failed}{' '}
      <button type="button" class="link" onClick={() => setTries(failures)}>
        {words.again}
      </button>
    </p>
  );
  return { host, failure };
}
