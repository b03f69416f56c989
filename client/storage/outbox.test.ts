import { expect, test } from 'vitest';
import { type Entry, KeptOutbox, memoryOutbox, type OutboxOptions, type OutboxStore } from './outbox.ts';

const isNumber = (value: unknown): value is number => typeof value === 'number';

/** A store that refuses, or does not answer, while it is told to. */
function moodyStore() {
  const kept = new Map<string, Entry<unknown>>();
  const store = { kept, mood: 'well' as 'well' | 'refuses' | 'hangs', damaged: 0 };
  const act = <R>(work: () => R): Promise<R> => {
    if (store.mood === 'hangs') return new Promise(() => {});
    if (store.mood === 'refuses')
      return Promise.reject(new DOMException('no space left', 'QuotaExceededError'));
    return Promise.resolve(work());
  };
  const methods: OutboxStore = {
    read: () => act(() => ({ entries: [...kept.values()], damaged: store.damaged })),
    write: (entry) => act(() => void kept.set(entry.key, entry)),
    remove: (keys) => act(() => keys.forEach((key) => void kept.delete(key))),
  };
  return Object.assign(store, methods);
}

function outboxOver(store: OutboxStore, options: Partial<OutboxOptions<number>> = {}) {
  const troubles: string[] = [];
  let clock = 1000;
  const outbox = new KeptOutbox<number>(store, {
    accepts: isNumber,
    onTrouble: (words) => troubles.push(words),
    nowMs: () => clock++,
    ...options,
  });
  const values = async () => (await outbox.all()).map(({ value }) => value);
  return { outbox, troubles, values };
}

test('finished work is kept in the order in which it was finished, and leaves only when it is removed', async () => {
  const { outbox, troubles, values } = outboxOver(moodyStore());
  await outbox.put('b', 1);
  await outbox.put('a', 2);
  await outbox.put('c', 3);
  await outbox.remove(['a', 'never kept']);
  await outbox.remove(['a']);
  expect(await outbox.all()).toEqual([
    { key: 'b', value: 1, keptAtMs: 1000 },
    { key: 'c', value: 3, keptAtMs: 1002 },
  ]);
  await outbox.put('b', 4);
  expect(await values()).toEqual([3, 4]);
  expect(troubles).toEqual([]);
});

test('what is not removed is there for the next outbox on the same storage', async () => {
  const store = moodyStore();
  const first = outboxOver(store);
  await Promise.all([first.outbox.put('a', 1), first.outbox.put('b', 2), first.outbox.remove(['a'])]);
  expect(await outboxOver(store).values()).toEqual([2]);
});

test('full storage leaves finished work in memory, says so once, and takes it over when it can', async () => {
  const store = moodyStore();
  const { outbox, troubles, values } = outboxOver(store);
  await outbox.put('a', 1);
  store.mood = 'refuses';
  await outbox.put('b', 2);
  await outbox.put('c', 3);
  expect(await values()).toEqual([2, 3]);
  expect(troubles).toEqual([
    'This device does not keep finished work (QuotaExceededError: no space left). ' +
      'Until it is delivered it lives only as long as this tab or program: leave it open.',
  ]);
  store.mood = 'well';
  await outbox.put('d', 4);
  expect([...store.kept.keys()].sort()).toEqual(['a', 'b', 'c', 'd']);
  expect(await values()).toEqual([1, 2, 3, 4]);
});

test('storage that never answers holds nobody up', async () => {
  const store = moodyStore();
  store.mood = 'hangs';
  const { outbox, troubles, values } = outboxOver(store, { patienceMs: 5 });
  await outbox.put('a', 1);
  expect(await values()).toEqual([1]);
  expect(troubles).toHaveLength(1);
  expect(troubles[0]).toContain('no answer in 0.005 s');
});

test('what storage does not give up is not sent again by this tab, and goes later', async () => {
  const store = moodyStore();
  const { outbox, values } = outboxOver(store);
  await outbox.put('a', 1);
  await outbox.put('b', 2);
  store.mood = 'refuses';
  await outbox.remove(['a']);
  store.mood = 'well';
  expect(await values()).toEqual([2]);
  expect(store.kept.size).toBe(2);
  await outbox.remove([]);
  expect([...store.kept.keys()]).toEqual(['b']);
});

test('work trained again after its removal failed is kept', async () => {
  const store = moodyStore();
  const { outbox, values } = outboxOver(store);
  await outbox.put('a', 1);
  store.mood = 'refuses';
  await outbox.remove(['a']);
  store.mood = 'well';
  await outbox.put('a', 2);
  await outbox.remove([]);
  expect(await values()).toEqual([2]);
});

test('beyond its bound the outbox drops the oldest, in memory too, and says so once', async () => {
  for (const mood of ['well', 'refuses'] as const) {
    const store = Object.assign(moodyStore(), { mood });
    const { outbox, troubles, values } = outboxOver(store, { entriesMax: 3 });
    for (let i = 0; i < 6; i++) await outbox.put(`${i}`, i);
    expect(await values()).toEqual([3, 4, 5]);
    expect(troubles.filter((words) => words.startsWith('More than 3'))).toHaveLength(1);
    if (mood === 'well') expect(await outboxOver(store, { entriesMax: 2 }).values()).toEqual([4, 5]);
  }
});

test('what was delivered does not count against the bound', async () => {
  const { outbox, troubles, values } = outboxOver(moodyStore(), { entriesMax: 2 });
  for (let i = 0; i < 6; i++) {
    await outbox.put(`${i}`, i);
    if (i < 4) await outbox.remove([`${i}`]);
  }
  expect(await values()).toEqual([4, 5]);
  expect(troubles).toEqual([]);
});

test('however old finished work seems, it is offered to the server: clocks are wrong, and then mended', async () => {
  const store = moodyStore();
  await outboxOver(store, { nowMs: () => Date.parse('2000-01-01') }).outbox.put('a', 1);
  const { troubles, values } = outboxOver(store, { nowMs: () => Date.parse('2040-01-01') });
  expect([await values(), troubles]).toEqual([[1], []]);
});

test('damaged entries and those that this version cannot send are removed, and the volunteer is told', async () => {
  const store = Object.assign(moodyStore(), { damaged: 1 });
  store.kept.set('odd', { key: 'odd', value: 'of another version', keptAtMs: 1000 });
  store.kept.set('good', { key: 'good', value: 7, keptAtMs: 1000 });
  const { troubles, values } = outboxOver(store);
  expect(await values()).toEqual([7]);
  expect([...store.kept.keys()]).toEqual(['good']);
  expect(troubles).toEqual(['2 finished results were damaged on this device and cannot be sent.']);
});

test('an outbox in memory behaves like any other', async () => {
  const outbox = memoryOutbox<{ run: number }>();
  await outbox.put('a', { run: 1 });
  await outbox.put('b', { run: 2 });
  await outbox.remove(['a']);
  expect((await outbox.all()).map(({ value }) => value)).toEqual([{ run: 2 }]);
});

test('a full disk is given room before a result stays in memory only', async () => {
  const store = moodyStore();
  let asked = 0;
  const { outbox, troubles } = outboxOver(store, {
    makeRoom: async () => {
      asked++;
      store.mood = 'well';
    },
  });
  await outbox.put('a', 1);
  expect(asked).toBe(0);
  store.mood = 'refuses';
  await outbox.put('b', 2);
  expect([asked, [...store.kept.keys()], troubles]).toEqual([1, ['a', 'b'], []]);
});
