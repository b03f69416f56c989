// The server, as functions. Every refusal becomes an ApiError whose message can be shown as it is.

import type {
  BoardsReply,
  ErrorCode,
  ErrorReply,
  HomeReply,
  PostSweepReply,
  RunReply,
  SweepReply,
  SweepSummary,
  VolunteerReply,
} from '../shared/protocol.ts';

export type FieldProblem = NonNullable<ErrorReply['error']['problems']>[number];

export class ApiError extends Error {
  /** Null where the server did not answer, or not with an error of ours. */
  readonly code: ErrorCode | null;
  readonly problems: readonly FieldProblem[];

  constructor(message: string, code: ErrorCode | null = null, problems: readonly FieldProblem[] = []) {
    super(message);
    this.code = code;
    this.problems = problems;
  }
}

async function call<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError('The server cannot be reached. Check the connection and try again.');
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && body !== null) return body as T;
  const refusal = (body as ErrorReply | null)?.error;
  if (refusal) throw new ApiError(refusal.message, refusal.code, refusal.problems);
  throw new ApiError(`The server answered with status ${response.status} and no reason.`);
}

const postJson = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const sweepPath = (id: string) => `/api/sweeps/${encodeURIComponent(id)}`;

export const getHome = (signal?: AbortSignal) => call<HomeReply>('/api/home', withSignal(signal));
export const getBoards = (signal?: AbortSignal) => call<BoardsReply>('/api/boards', withSignal(signal));
export const getSweeps = (signal?: AbortSignal) =>
  call<{ sweeps: SweepSummary[] }>('/api/sweeps', withSignal(signal));

/** One page of a sweep: its cells, and the runs and curves from run number `from` on. */
export const getSweepPage = (id: string, from: number, signal?: AbortSignal) =>
  call<SweepReply>(`${sweepPath(id)}?from=${from}`, withSignal(signal));

export const getRun = (id: string, index: number | string, signal?: AbortSignal) =>
  call<RunReply>(`${sweepPath(id)}/runs/${index}`, withSignal(signal));

/** Where the sweep's numbers can be fetched as JSON. */
export const sweepJsonUrl = sweepPath;

export const postVolunteer = (name: string | null) =>
  call<VolunteerReply>('/api/volunteers', postJson(name === null ? {} : { name }));

/** Posts a spec as it was written, JSON or YAML. Posting it again returns the same sweep. */
export const postSweep = (text: string, token: string) =>
  call<PostSweepReply>('/api/sweeps', {
    method: 'POST',
    headers: { 'content-type': 'application/yaml', authorization: `Bearer ${token}` },
    body: text,
  });

function withSignal(signal: AbortSignal | undefined): RequestInit {
  return signal ? { signal } : {};
}
