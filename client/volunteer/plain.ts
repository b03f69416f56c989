/** An engine's words, fit for people and for the server: one line of at most 200 characters. */
export function plain(reason: string): string {
  const line = [...reason.replaceAll(/[\p{C}\s]+/gu, ' ').trim()];
  return (line.length > 200 ? `${line.slice(0, 199).join('')}…` : line.join('')) || 'no reason was given';
}
