import type { ComponentChildren } from 'preact';

interface ScrollBoxProps {
  label: string;
  /** True: it scrolls up and down too. */
  isTall?: boolean;
  children: ComponentChildren;
}

/** A wide thing that scrolls by itself, so that the page never scrolls sideways. Reached by keyboard to be scrolled. */
export function ScrollBox({ label, isTall = false, children }: ScrollBoxProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling part must be reachable by keyboard (WCAG 2.1.1)
    <section class={isTall ? 'scroll-box scroll-box-tall' : 'scroll-box'} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
