import { timeOf } from '../format.ts';
import type { LogLine } from '../session-state.ts';
import { lending } from '../words/lending.ts';

/** What happened, in words, newest first. The announcer reads new lines out, and not all of them at once. */
export function EventLog({ log }: { log: readonly LogLine[] }) {
  return (
    <section aria-labelledby="log">
      <h2 id="log">{lending().run.log}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <div class="log" role="log" aria-live="off" aria-labelledby="log" tabIndex={0}>
        {log.map(({ id, atMs, words: said }) => (
          <p key={id}>
            <time dateTime={new Date(atMs).toISOString()}>{timeOf(atMs)}</time> {said}
          </p>
        ))}
      </div>
    </section>
  );
}
