import type { ComponentChildren } from 'preact';

interface BarProps {
  label: string;
  value: number;
  max: number;
  /** Said below the bar, and to those who hear it. */
  words: string;
  children?: ComponentChildren;
}

/** How far something has come. */
export function Bar({ label, value, max, words, children }: BarProps) {
  return (
    <div class="progress">
      <div
        class="progress-bar"
        role="progressbar"
        aria-label={label}
        aria-valuenow={value}
        aria-valuemin={0}
        aria-valuemax={max}
        aria-valuetext={words}
      >
        <span style={{ width: `${(100 * value) / Math.max(1, max)}%` }} />
      </div>
      <p>
        {words}
        {children}
      </p>
    </div>
  );
}
