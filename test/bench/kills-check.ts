// What the public API says of what was acknowledged.

import { createHash } from 'node:crypto';
import { type Curve, encodeCurve } from '../../shared/curve.ts';
import type { StatusReply, SweepReply } from '../../shared/protocol.ts';
import { segmentCredit } from '../../shared/seam.ts';
import type { ContributorsReply } from '../../shared/volunteers.ts';
import { digestOf } from './kills-client.ts';
import type { Acknowledged } from './kills-told.ts';
import { LARGE_CREDIT, STEPS } from './scheduler-curves.ts';

type Run = SweepReply['runs'][number];

async function read<T>(url: string): Promise<T> {
  const reply = await fetch(url);
  if (!reply.ok) throw new Error(`${url}: ${reply.status}`);
  return (await reply.json()) as T;
}

/** All runs of a sweep, page by page, and what the sweep says of itself. */
export async function sweepOf(
  origin: string,
  id: string,
): Promise<{ runs: Run[]; sweep: SweepReply['sweep'] }> {
  const runs: Run[] = [];
  for (let from: number | null = 0; ; ) {
    const page: SweepReply = await read(`${origin}/api/sweeps/${id}?from=${from}&curves=false`);
    runs.push(...page.runs);
    from = page.nextRun;
    if (from === null) return { runs, sweep: page.sweep };
  }
}

/** What was acknowledged and is not there as it was delivered, in words. */
export async function lostOf(
  origin: string,
  bySweep: ReadonlyMap<string, readonly Acknowledged[]>,
): Promise<string[]> {
  const lost: string[] = [];
  for (const [id, acknowledged] of bySweep) {
    const { runs } = await sweepOf(origin, id);
    for (const one of acknowledged) {
      const wrong = wrongWith(runs[one.run], one);
      if (wrong) lost.push(`run ${one.run} of ${id}, acknowledged up to ${one.to}: ${wrong}`);
    }
  }
  return lost;
}

function wrongWith(run: Run | undefined, { to, weightsDigest }: Acknowledged): string | null {
  if (!run) return 'not there';
  if (to < STEPS) return run.state === 'finished' || (run.step ?? 0) >= to ? null : `stands at ${run.step}`;
  if (run.state !== 'finished') return run.state;
  if (run.digest !== digestOf(run.index)) return `its curve is ${run.digest}`;
  return run.weightsDigest === weightsDigest ? null : "it is another volunteer's";
}

/** Curves of the first runs of a sweep that do not read back as they were delivered. */
export async function damagedCurves(origin: string, id: string): Promise<string[]> {
  const { curves }: SweepReply = await read(`${origin}/api/sweeps/${id}?from=0`);
  return curves.flatMap(({ run, steps, ...rest }) => {
    const channels = Object.fromEntries(
      Object.entries(rest).map(([channel, values]) => [channel, Float32Array.from(values as number[])]),
    ) as Curve['channels'];
    const bytes = encodeCurve({ steps, channels, divergedAt: null });
    const digest = createHash('sha256').update(bytes).digest('hex');
    return digest === digestOf(run) ? [] : [`the curve of run ${run} of ${id} reads back as ${digest}`];
  });
}

/** What the sweep's runs are worth, finished ones and what was accepted of failed ones; throws while one is open. */
export function creditOf(runs: readonly Run[]): number {
  return runs.reduce((sum, { index, state, step }) => {
    if (state === 'finished') return sum + LARGE_CREDIT;
    if (state === 'failed') return sum + segmentCredit(LARGE_CREDIT, STEPS, 0, step ?? 0);
    throw new Error(`run ${index} is ${state}`);
  }, 0);
}

/** All credit on the board; nobody may be missing from it. */
export async function creditOnBoard(origin: string): Promise<number> {
  const { allTime }: ContributorsReply = await read(`${origin}/api/contributors`);
  return allTime.volunteers.reduce((sum, { credit }) => sum + credit, allTime.unlisted.credit);
}

export const newestAudit = async (origin: string): Promise<StatusReply['audits'][number] | undefined> =>
  (await read<StatusReply>(`${origin}/api/status`)).audits[0];
