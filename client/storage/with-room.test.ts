import { expect, test } from 'vitest';
import { MemoryStates } from '../../test/fake-keeping.ts';
import { withRoom } from './with-room.ts';

/** States and spare ones on a disk for so many bytes. */
function disk(bytesMax: number) {
  const [states, spare] = [new MemoryStates(), new MemoryStates()];
  const used = () =>
    [...states.kept.values(), ...spare.kept.values()].reduce((sum, { length }) => sum + length, 0);
  const save = states.save.bind(states);
  states.save = async (key, bytes) => used() + bytes.length <= bytesMax && save(key, bytes);
  return { states, spare, roomy: withRoom(states, spare) };
}

test('a full disk gives up what is spare, and only where there is no room', async () => {
  const { states, spare, roomy } = disk(10);
  await spare.save('dataset', new Uint8Array(6));
  expect(await roomy.save('a', new Uint8Array(3))).toBe(true);
  expect(spare.kept.size).toBe(1);
  expect(await roomy.save('b', new Uint8Array([1, 2, 3]))).toBe(true);
  expect([spare.kept.size, [...states.kept.keys()]]).toEqual([0, ['a', 'b']]);
  expect(await roomy.load('b')).toEqual(new Uint8Array([1, 2, 3]));
});

test('where nothing is spare, it says that nothing was kept', async () => {
  const { roomy } = disk(10);
  expect(await roomy.save('a', new Uint8Array(11))).toBe(false);
});

test('bytes that change while room is made are kept as they were', async () => {
  const { spare, roomy } = disk(4);
  await spare.save('dataset', new Uint8Array(4));
  const bytes = new Uint8Array([1, 2, 3]);
  const saving = roomy.save('a', bytes);
  bytes.fill(9);
  expect(await saving).toBe(true);
  expect(await roomy.load('a')).toEqual(new Uint8Array([1, 2, 3]));
});
