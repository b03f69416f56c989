// The server, as functions for pages.

import type {
  BoardsReply,
  DataReply,
  HomeReply,
  PostSweepReply,
  RunReply,
  StatusReply,
  SweepChange,
  SweepReply,
  SweepSummary,
  VolunteerReply,
} from '../shared/protocol.ts';
import { call, patchJson, postJson, postSpec } from './http.ts';

const sweepPath = (id: string) => `/api/sweeps/${encodeURIComponent(id)}`;

export const getHome = (signal?: AbortSignal) => call<HomeReply>('/api/home', withSignal(signal));
export const getBoards = (signal?: AbortSignal) => call<BoardsReply>('/api/boards', withSignal(signal));
export const getStatus = (signal?: AbortSignal) => call<StatusReply>('/api/status', withSignal(signal));
export const getSweeps = (signal?: AbortSignal) =>
  call<{ sweeps: SweepSummary[] }>('/api/sweeps', withSignal(signal));

/** One page of a sweep: its cells, and the runs and curves from run number `from` on. */
export const getSweepPage = (id: string, from: number, signal?: AbortSignal) =>
  call<SweepReply>(`${sweepPath(id)}?from=${from}`, withSignal(signal));

/** So many runs of a sweep from one on, with their curves or without. */
export const getSweepRuns = (
  id: string,
  { from, count, curves }: { from: number; count: number; curves: boolean },
  signal?: AbortSignal,
) => call<SweepReply>(`${sweepPath(id)}?from=${from}&count=${count}&curves=${curves}`, withSignal(signal));

/** What a sweep is, and its first run. */
export const getSweepHead = (id: string, signal?: AbortSignal) =>
  call<SweepReply>(`${sweepPath(id)}?count=1&curves=false`, withSignal(signal));

export const getRun = (id: string, index: number | string, signal?: AbortSignal) =>
  call<RunReply>(`${sweepPath(id)}/runs/${index}`, withSignal(signal));

/** The curves of a sweep as Parquet files. */
export const getData = (id: string, signal?: AbortSignal) =>
  call<DataReply>(`${sweepPath(id)}/data`, withSignal(signal));

/** Where the sweep's numbers can be fetched as JSON. */
export const sweepJsonUrl = sweepPath;

/** Registers a volunteer; the same nonce gives the same one. */
export const postVolunteer = (name: string | null, nonce: string) =>
  postJson<VolunteerReply>('/api/volunteers', name === null ? { nonce } : { name, nonce });

/** Posting the same spec again returns the same sweep. */
export const postSweep = (text: string, token: string) =>
  postSpec<PostSweepReply>('/api/sweeps', text, token);

/** What a researcher changes while volunteers work; safe to repeat. */
export const patchSweep = (id: string, change: SweepChange, token: string) =>
  patchJson<SweepSummary>(sweepPath(id), change, token);

function withSignal(signal: AbortSignal | undefined): RequestInit {
  return signal ? { signal } : {};
}
