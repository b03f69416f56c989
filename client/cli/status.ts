import type { StatusReply } from '../../shared/protocol.ts';
import { isOverdue, recentProblems } from '../checks.ts';
import { ago, amount, duration } from '../format.ts';
import { call } from '../http.ts';
import { refused } from './refused.ts';

/** Prints how a server is. False when its checks of the last day found a problem. */
export async function printStatus(url: string, nowMs: number): Promise<boolean> {
  const status = await call<StatusReply>(`${url}/api/status`).catch(refused(url, 'to tell its status'));
  console.log(statusLines(url, status, nowMs).join('\n'));
  return recentProblems(status.audits, nowMs).length === 0;
}

export function statusLines(url: string, status: StatusReply, nowMs: number): string[] {
  const { version, devicesNow, sweeps, openSweeps, finishedRuns, failedRuns } = status;
  return [
    `${url} is up, version ${version}`,
    `devices holding work   ${amount(devicesNow)}`,
    `sweeps with work       ${amount(openSweeps)} of ${amount(sweeps)}`,
    `finished runs          ${amount(finishedRuns)}`,
    `runs given up          ${amount(failedRuns)}`,
    ...checkLines(status.audits, nowMs),
  ];
}

function checkLines(audits: StatusReply['audits'], nowMs: number): string[] {
  const [newest] = audits;
  if (!newest) return ['promises               not checked yet; the first check runs within an hour'];
  const { sweeps, runs, curves } = newest.checked;
  const problems = recentProblems(audits, nowMs);
  return [
    `last check             ${ago(newest.atMs, nowMs)}, took ${duration(newest.tookMs)}${isOverdue(audits, nowMs) ? '; the next one is overdue' : ''}`,
    `looked at              ${amount(sweeps)} sweeps, ${amount(runs)} runs, ${amount(curves)} curves`,
    `promises               ${problems.length === 0 ? 'kept' : 'PROBLEMS found in the last day:'}`,
    ...problems.map(({ words, atMs }) => `  ${words}, ${ago(atMs, nowMs)}`),
  ];
}
