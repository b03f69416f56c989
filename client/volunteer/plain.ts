const LENGTH_MAX = 200;

/** An engine's words, fit for people and for the server: one line of at most 200 UTF-16 units, no character cut in two. */
export function plain(reason: string): string {
  const line = reason.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  if (line.length <= LENGTH_MAX) return line || 'no reason was given';
  return `${line.slice(0, LENGTH_MAX - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
