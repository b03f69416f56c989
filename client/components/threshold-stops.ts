/** Where the slider of the threshold stops: every hundredth from one half, or from lower down where one is registered, and the registered ones exactly. */
export function thresholdStops(registered: readonly number[]): number[] {
  const from = Math.max(1, Math.min(50, ...registered.map((x) => Math.floor(100 * x))));
  const hundredths = Array.from({ length: 101 - from }, (_, i) => (from + i) / 100);
  return [...new Set([...hundredths, ...registered])].sort((a, b) => a - b);
}
