/** A block of memory needed from one moment to another, both included. */
export interface Need {
  size: number;
  from: number;
  to: number;
}

/**
 * Places blocks so that those needed at the same time do not overlap: the largest first, each as low as it fits
 * (greedy by size: Pisarchyk and Lee 2020, "Efficient memory management for deep neural net inference", section 4).
 */
export function allocate(needs: readonly Need[]): { offsets: number[]; total: number } {
  const offsets = needs.map(() => 0);
  const placed: (Need & { offset: number })[] = [];
  const bySize = needs
    .map((_, i) => i)
    .sort((a, b) => (needs[b] as Need).size - (needs[a] as Need).size || a - b);
  for (const i of bySize) {
    const need = needs[i] as Need;
    const inTheWay = placed
      .filter(({ from, to }) => from <= need.to && need.from <= to)
      .sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const other of inTheWay) {
      if (offset + need.size <= other.offset) break;
      offset = Math.max(offset, other.offset + other.size);
    }
    offsets[i] = offset;
    placed.push({ ...need, offset });
  }
  return { offsets, total: placed.reduce((most, { offset, size }) => Math.max(most, offset + size), 0) };
}
