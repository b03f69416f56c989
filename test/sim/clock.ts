// Virtual time: what is to happen, soonest first; what is due at once happens in the order it was asked for.

interface Due {
  atMs: number;
  order: number;
  what: string;
  work: () => void;
}

const isBefore = (a: Due, b: Due) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

export class Clock {
  nowMs = 1_000_000_000_000;
  events = 0;
  private readonly heap: Due[] = [];
  private orders = 0;

  later(afterMs: number, what: string, work: () => void): void {
    const { heap } = this;
    const due = { atMs: this.nowMs + Math.max(0, afterMs), order: this.orders++, what, work };
    let i = heap.length;
    heap.push(due);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(due, heap[parent] as Due)) break;
      heap[i] = heap[parent] as Due;
      i = parent;
    }
    heap[i] = due;
  }

  /** Whether something of that name is still to happen. */
  expects(what: string): boolean {
    return this.heap.some((due) => due.what === what);
  }

  /** Lets the next thing happen and says what it was; null when nothing is left. */
  tick(): string | null {
    const { heap } = this;
    const [next] = heap;
    const last = heap.pop();
    if (!next || !last) return null;
    if (heap.length > 0) this.sink(last);
    this.nowMs = next.atMs;
    this.events++;
    next.work();
    return next.what;
  }

  private sink(due: Due): void {
    const { heap } = this;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child++;
      if (!isBefore(heap[child] as Due, due)) break;
      heap[i] = heap[child] as Due;
      i = child;
    }
    heap[i] = due;
  }
}
