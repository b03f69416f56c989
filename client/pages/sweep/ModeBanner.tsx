import type { SweepSummary } from '../../../shared/protocol.ts';

const WORDS = {
  paused: [
    'Paused by its researcher',
    'No new work is handed out. What devices have in hand they may finish, and it counts. It goes on where it was when it is resumed.',
  ],
  cancelled: [
    'Cancelled by its researcher',
    'No work is handed out any more, and what was left will not be trained. Everything that was finished stays, and is a result like any other.',
  ],
} as const;

/** Why a sweep hands out no work. */
export function ModeBanner({ mode }: { mode: Exclude<SweepSummary['mode'], 'running'> }) {
  const [title, words] = WORDS[mode];
  return (
    <div class="notice" role="status">
      <p>
        <strong>{title}.</strong> {words}
      </p>
    </div>
  );
}
