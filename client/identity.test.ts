import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  forgetIdentity,
  identify,
  isIdentityKept,
  loadIdentity,
  moveIn,
  onIdentityChange,
  renameIdentity,
} from './identity.ts';

const post = vi.hoisted(() => vi.fn());
vi.mock('./api.ts', () => ({ postVolunteer: post }));

let storage: Map<string, string>;
beforeEach(() => {
  storage = new Map();
  post.mockReset();
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('removeEventListener', () => {});
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => storage.set(key, value),
    removeItem: (key: string) => storage.delete(key),
  });
});
afterEach(() => {
  forgetIdentity();
  vi.unstubAllGlobals();
});

const volunteer = { volunteerId: 'v', token: 't', name: null };
const nonces = () => post.mock.calls.map(([, nonce]) => nonce);

test('a registration whose reply was lost is asked for again with the same nonce, kept before it was sent', async () => {
  post.mockImplementationOnce(async (_, nonce) => {
    expect([...storage.values()]).toContain(nonce);
    throw new Error('lost');
  });
  await expect(identify(null)).rejects.toThrow('lost');
  post.mockResolvedValue(volunteer);
  const identity = await identify(null);
  expect(nonces()[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(nonces()[1]).toBe(nonces()[0]);
  expect(loadIdentity()).toEqual(identity);
  expect(await identify(null)).toEqual(identity);
  expect(post).toHaveBeenCalledTimes(2);
});

test('whoever is forgotten comes back as somebody else', async () => {
  post.mockResolvedValue(volunteer);
  const before = await identify(null);
  forgetIdentity();
  expect([loadIdentity(), storage.size]).toEqual([null, 0]);
  const after = await identify(null);
  expect(after.deviceId).not.toBe(before.deviceId);
  expect(nonces()[1]).not.toBe(nonces()[0]);
});

test('where storage is refused, this page still asks with one nonce', async () => {
  vi.stubGlobal('localStorage', {
    getItem: () => {
      throw new Error('refused');
    },
    setItem: () => {
      throw new Error('refused');
    },
    removeItem: () => {},
  });
  post.mockRejectedValueOnce(new Error('lost')).mockResolvedValue(volunteer);
  await expect(identify(null)).rejects.toThrow('lost');
  await identify(null);
  expect(nonces()[1]).toBe(nonces()[0]);
});

const other = { volunteerId: 'w', token: 'u', name: 'Ada' };

test('whoever moves in from another device replaces who was here, as a device of its own', async () => {
  post.mockResolvedValue(volunteer);
  const before = await identify(null);
  const seen: (string | undefined)[] = [];
  const end = onIdentityChange(() => seen.push(loadIdentity()?.volunteerId));
  moveIn(other);
  expect(loadIdentity()).toMatchObject(other);
  expect(storage.size).toBe(1);
  expect(loadIdentity()?.deviceId).not.toBe(before.deviceId);
  forgetIdentity();
  end();
  moveIn(volunteer);
  expect(seen).toEqual(['w', undefined]);
});

test('a name is kept of nobody but who it belongs to', () => {
  renameIdentity('w', 'Grace');
  expect(loadIdentity()).toBeNull();
  moveIn(other);
  renameIdentity('v', 'Grace');
  expect(loadIdentity()?.name).toBe('Ada');
  renameIdentity('w', 'Grace');
  expect(loadIdentity()?.name).toBe('Grace');
});

test('where storage is refused, this visit still knows who it is, and that it will not last', () => {
  const refuse = () => {
    throw new Error('refused');
  };
  expect(isIdentityKept()).toBe(true);
  vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse, removeItem: refuse });
  moveIn(other);
  expect(loadIdentity()?.token).toBe('u');
  expect(isIdentityKept()).toBe(false);
  forgetIdentity();
  expect([loadIdentity(), isIdentityKept()]).toEqual([null, true]);
});
