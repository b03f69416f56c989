// One way to call the server, for pages, volunteers and commands. Every failure is an ApiError fit to be shown.

import type { ErrorCode, ErrorReply } from '../shared/protocol.ts';

export type FieldProblem = NonNullable<ErrorReply['error']['problems']>[number];

export class ApiError extends Error {
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** Null where the answer was none of ours. */
  readonly code: ErrorCode | null;
  readonly problems: readonly FieldProblem[];

  constructor(
    message: string,
    status = 0,
    code: ErrorCode | null = null,
    problems: readonly FieldProblem[] = [],
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.problems = problems;
  }

  /** Whether the same request may succeed later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

const ANSWER_MS = 60_000;

type Timed = RequestInit & { signal: AbortSignal };

/**
 * Does something with a signal that ends it after so many milliseconds, or with the caller's own. Too late is an
 * ApiError that may pass; what the caller aborted is thrown as it is.
 */
export async function withinTime<T>(
  ms: number,
  init: RequestInit,
  work: (timed: Timed) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ms);
  const signal = init.signal ? AbortSignal.any([init.signal, late.signal]) : late.signal;
  try {
    return await work({ ...init, signal });
  } catch (error) {
    if (!late.signal.aborted || init.signal?.aborted) throw error;
    const minutes = Math.round(ms / 60_000);
    throw new ApiError(
      `The server did not answer within ${minutes === 1 ? 'a minute' : `${minutes} minutes`}. Try again.`,
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Fetches. Throws ApiError where no answer comes, or what `fetch` throws when it was aborted. */
export async function reached(url: string, init: Timed): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal.aborted) throw error;
    throw new ApiError('The server cannot be reached. Check the connection and try again.');
  }
}

/** It says nothing about what the server did. */
export const cutOff = () => new ApiError('The answer of the server did not arrive whole.');

/** Fetches JSON. Throws ApiError, or what `fetch` throws when the caller aborted it. */
export const call = <T>(url: string, init: RequestInit = {}): Promise<T> =>
  withinTime(ANSWER_MS, init, (timed) => jsonOf<T>(url, timed));

async function jsonOf<T>(url: string, init: Timed): Promise<T> {
  const response = await reached(url, init);
  if (response.status === 204) return null as T;
  const body: unknown = await response.json().catch((error) => {
    if (init.signal.aborted) throw error;
    return null;
  });
  if (response.ok && body !== null) return body as T;
  const refusal = (body as ErrorReply | null)?.error;
  if (refusal) throw new ApiError(refusal.message, response.status, refusal.code, refusal.problems);
  // Or from somebody who only stands between.
  if (response.ok) throw cutOff();
  throw new ApiError(`The server answered with status ${response.status} and no reason.`, response.status);
}

function bearer(token: string | undefined): Record<string, string> {
  if (token === undefined) return {};
  if (/^[\x21-\x7e]+$/.test(token)) return { authorization: `Bearer ${token}` };
  throw new ApiError('That is no token: it holds characters that no token has.', 401, 'unauthorized');
}

export const postJson = <T>(url: string, body: unknown, token?: string): Promise<T> =>
  sendJson('POST', url, body, token);

export const patchJson = <T>(url: string, body: unknown, token: string): Promise<T> =>
  sendJson('PATCH', url, body, token);

/** Reads what only the bearer of the token may. */
export const getPrivately = <T>(url: string, token: string, init: RequestInit = {}): Promise<T> =>
  call(url, { ...init, headers: bearer(token) });

/** Null where the server has nothing to say to it. */
export const remove = <T>(url: string, token: string): Promise<T> =>
  call(url, { method: 'DELETE', headers: bearer(token) });

const sendJson = <T>(method: string, url: string, body: unknown, token: string | undefined): Promise<T> =>
  call(url, {
    method,
    headers: { 'content-type': 'application/json', ...bearer(token) },
    body: JSON.stringify(body),
  });

/** Posts a spec as it was written, JSON or YAML, so that problems can name its lines. */
export const postSpec = <T>(url: string, text: string, token: string): Promise<T> =>
  call(url, {
    method: 'POST',
    headers: { 'content-type': 'application/yaml', ...bearer(token) },
    body: text,
  });

/** A dataset may have 64 MB, and a researcher a slow line. */
const BYTES_MS = 600_000;

export const putBytes = <T>(url: string, bytes: Uint8Array<ArrayBuffer>, token: string): Promise<T> => {
  const headers = { 'content-type': 'application/octet-stream', ...bearer(token) };
  return withinTime(BYTES_MS, { method: 'PUT', headers, body: bytes }, (timed) => jsonOf<T>(url, timed));
};
