// The server, as functions for a volunteer's own pages.

import type { VolunteerReply } from '../shared/protocol.ts';
import type {
  ContributorsReply,
  ExportReply,
  MeChange,
  MeReply,
  MoveReply,
  MyRunsReply,
  TeamReply,
} from '../shared/volunteers.ts';
import { call, getPrivately, patchJson, postJson, remove } from './http.ts';

export const getMe = (token: string, signal: AbortSignal) =>
  getPrivately<MeReply>('/api/me', token, { signal });
export const patchMe = (change: MeChange, token: string) => patchJson<MeReply>('/api/me', change, token);

/** Deletes the volunteer: the name, the team, and who it was that trained what. Asked again it throws "unauthorized". */
export const deleteMe = (token: string) => remove<unknown>('/api/me', token);

/** All that the server keeps of the volunteer. */
export const exportMe = (token: string) => getPrivately<ExportReply>('/api/me/export', token);

/** All runs of a sweep that the volunteer had a part in. */
export async function getMyRuns(
  sweepId: string,
  token: string,
  signal: AbortSignal,
): Promise<MyRunsReply['runs']> {
  const runs: MyRunsReply['runs'] = [];
  for (let from: number | null = 0; from !== null; ) {
    const url = `/api/me/runs/${encodeURIComponent(sweepId)}?from=${from}`;
    const page: MyRunsReply = await getPrivately<MyRunsReply>(url, token, { signal });
    runs.push(...page.runs);
    from = page.nextRun;
  }
  return runs;
}

/** A code that carries the volunteer to another device, once. */
export const postMove = (token: string) => postJson<MoveReply>('/api/me/moves', {}, token);

/** Uses such a code up. */
export const redeemMove = (code: string) => postJson<VolunteerReply>('/api/moves', { code });

export const foundTeam = (name: string, token: string) => postJson<MeReply>('/api/teams', { name }, token);
export const joinTeam = (invite: string, token: string) =>
  postJson<MeReply>('/api/me/team', { invite }, token);
export const leaveTeam = (token: string) => remove<MeReply>('/api/me/team', token);

export const getTeam = (id: string, signal: AbortSignal) =>
  call<TeamReply>(`/api/teams/${encodeURIComponent(id)}`, { signal });

/** The boards of contributors. */
export const getContributors = (signal: AbortSignal) =>
  call<ContributorsReply>('/api/contributors', { signal });
