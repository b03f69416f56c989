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

/** Fetches JSON. Throws ApiError, or what `fetch` throws when the caller aborted it. */
export async function call<T>(url: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError('The server cannot be reached. Check the connection and try again.');
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && body !== null) return body as T;
  const refusal = (body as ErrorReply | null)?.error;
  if (refusal) throw new ApiError(refusal.message, response.status, refusal.code, refusal.problems);
  // Cut off on its way, or from somebody who only stands between: it says nothing about what the server did.
  if (response.ok) throw new ApiError('The answer of the server did not arrive whole.');
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
