// What the hourly checks of stored data mean for whoever looks now.

export interface Check {
  atMs: number;
  problems: readonly string[];
}

const DAY_MS = 86_400_000;
/** An hourly check that is later than this has probably not run. */
const OVERDUE_MS = 2 * 3_600_000;

/**
 * Problems found in the last day or by the newest check, each with when it was last seen; `checks` newest first. A
 * check looks at some of the sweeps, so one that found nothing does not clear what an earlier one found.
 */
export function recentProblems(checks: readonly Check[], nowMs: number): { words: string; atMs: number }[] {
  const seen = new Map<string, number>();
  for (const [place, { atMs, problems }] of checks.entries()) {
    if (place > 0 && nowMs - atMs > DAY_MS) break;
    for (const words of problems) if (!seen.has(words)) seen.set(words, atMs);
  }
  return [...seen].map(([words, atMs]) => ({ words, atMs }));
}

/** Whether no check has run for longer than there should be between two. */
export const isOverdue = ([newest]: readonly Check[], nowMs: number): boolean =>
  newest !== undefined && nowMs - newest.atMs > OVERDUE_MS;
