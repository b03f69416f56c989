import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiError, call, postJson } from './http.ts';
import { workServer } from './volunteer/server.ts';

const server = workServer('', { token: 'token', deviceId: '0'.repeat(32) });
const held = { sweepId: 'test-00000000', unit: 3 };
const never = (signal: AbortSignal | null | undefined) =>
  new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

let asked: { url: string; init: RequestInit | undefined }[];
let answer: (init: RequestInit | undefined) => Promise<Response>;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
    asked.push({ url, init });
    return answer(init);
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What a call ended in by then, or that it had not. */
async function outcomeAfter(ms: number, request: Promise<unknown>): Promise<unknown> {
  let ended: unknown = 'still waiting';
  request.then(
    (value) => {
      ended = value;
    },
    (error) => {
      ended = error;
    },
  );
  await vi.advanceTimersByTimeAsync(ms);
  return ended;
}

const MINUTE = 60_000;
const calls: [string, number, () => Promise<unknown>][] = [
  ['a page', MINUTE, () => call('/api/home')],
  ['an exchange', MINUTE, () => postJson('/api/work/exchange', {})],
  ['a state on its way up', 10 * MINUTE, () => server.putState(held, 'ab', new Uint8Array(1))],
  ['a state on its way down', 10 * MINUTE, () => server.getState('ab')],
];

describe.each(calls)('%s', (_, ms, request) => {
  test('is waited for no longer than its time, and may be asked for again', async () => {
    answer = (init) => never(init?.signal);
    const early = request();
    expect(await outcomeAfter(ms - 1, early)).toBe('still waiting');
    const error = await outcomeAfter(1, early);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).isPassing).toBe(true);
    expect((error as ApiError).message).toMatch(/^The server did not answer within (a minute|10 minutes)\./);
  });

  test('whose answer stops in the middle is waited for no longer either', async () => {
    answer = async (init) =>
      new Response(new ReadableStream({ start: (c) => void never(init?.signal).catch((e) => c.error(e)) }));
    const error = await outcomeAfter(ms, request());
    expect([error instanceof ApiError, (error as ApiError).message]).toEqual([
      true,
      expect.stringContaining('did not answer within'),
    ]);
  });

  test('that is answered leaves no clock running', async () => {
    answer = async () => Response.json({ ok: true });
    await request();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('that finds no server says so at once', async () => {
    answer = () => Promise.reject(new TypeError('fetch failed'));
    expect(await outcomeAfter(0, request())).toMatchObject({
      status: 0,
      message: expect.stringContaining('cannot be reached'),
    });
  });
});

test('what the caller aborts is thrown as it is', async () => {
  answer = (init) => never(init?.signal);
  const control = new AbortController();
  const aborted = call('/api/home', { signal: control.signal });
  control.abort(new Error('gone'));
  await expect(aborted).rejects.toThrow('gone');
});

test('a state is stored for a unit, in words of this version', async () => {
  answer = async () => Response.json({ ok: true });
  await server.putState(held, 'ab', new Uint8Array(1));
  expect(asked[0]?.url).toBe('/api/work/states/ab?version=2&sweepId=test-00000000&unit=3');
});
