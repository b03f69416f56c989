// All that the load benchmark knows of messages: a volunteer that trains nothing and answers at once.

import { randomBytes } from 'node:crypto';
import { base64 } from '../../shared/bytes.ts';
import { VERSION, type VolunteerReply } from '../../shared/protocol.ts';
import { evaluationSteps } from '../../shared/spec/evaluation-grid.ts';
import type {
  ExchangeReply,
  ExchangeRequest,
  FinishedRun,
  HeartbeatRequest,
  Lease,
  LeasedRun,
} from '../../shared/work.ts';
import { CURVES, curveOf, STEPS } from './scheduler-curves.ts';
import { type Link, openHttp } from './scheduler-http.ts';
import { openSocket } from './scheduler-socket.ts';

/** Points of a curve that a heartbeat tells. */
const POINTS = 4;

const curves = Array.from({ length: CURVES }, (_, i) => base64(curveOf(i)));

/** A request was turned down, or a result was not taken. */
export class Refused extends Error {}

export interface Exchanged {
  /** Results taken. */
  accepted: number;
  /** Runs leased. */
  leased: number;
}

/** Opens a way to a server; `sweepId` is the sweep a WebSocket leads to. */
export type OpenWork = (origin: string, token: string | null, sweepId: string) => Link;

export const TRANSPORTS: Record<'http' | 'websocket', OpenWork> = { http: openHttp, websocket: openSocket };

export class Volunteer {
  private readonly open: OpenWork;
  private origin = '';
  private link: Link | null = null;
  /** The sweep it speaks to, where every sweep takes a link of its own. */
  private sweepId = '';
  flopsPerSecond = 1;
  /** Results taken so far, as far as this volunteer was told. */
  accepted = 0;
  private token: string | null = null;
  private readonly deviceId = randomBytes(16).toString('hex');
  private lease: Lease | null = null;
  private progress = 0;

  constructor(open: OpenWork) {
    this.open = open;
  }

  /** Becomes a volunteer and connects. */
  async register(origin: string): Promise<void> {
    const link = openHttp(origin, null);
    this.token = (await post<VolunteerReply>(link, 'volunteers', {})).token;
    link.close();
    this.connect(origin);
  }

  /** Connects, again if need be; a WebSocket when it is first needed. */
  connect(origin: string): void {
    this.close();
    this.origin = origin;
    if (this.open !== openSocket || this.sweepId !== '')
      this.link = this.open(origin, this.token, this.sweepId);
  }

  private async turnTo(sweepId: string): Promise<void> {
    if (this.open !== openSocket || sweepId === this.sweepId) return;
    if (this.lease) await this.exchange(null, false);
    this.sweepId = sweepId;
    this.connect(this.origin);
  }

  close(): void {
    this.link?.close();
    this.link = null;
  }

  /** Delivers the unit in hand and, unless told otherwise, asks for the next. Safe to repeat after a lost reply. */
  async exchange(prefers: string | null, wantsUnit = true): Promise<Exchanged> {
    if (prefers !== null) await this.turnTo(prefers);
    const { lease, deviceId, flopsPerSecond } = this;
    const results = lease ? lease.runs.map((leased) => resultOf(lease, leased)) : [];
    const request: ExchangeRequest = {
      ...{ version: VERSION, deviceId, results, wantsUnit, holds: null, flopsPerSecond, replicas: 1 },
      prefers: prefers === null ? null : { sweepId: prefers, researcher: null },
    };
    const reply = await this.ask<ExchangeReply>('work/exchange', request);
    this.lease = reply.lease;
    const wrong = reply.verdicts.find(({ verdict }) => verdict !== 'accepted');
    const told = reply.verdicts.length;
    if (wrong || told !== results.length)
      throw new Refused(wrong?.message ?? wrong?.verdict ?? `${told} of ${results.length} verdicts`);
    this.accepted += told;
    return { accepted: told, leased: reply.lease?.runs.length ?? 0 };
  }

  /** Keeps the unit in hand, a few steps further on. */
  async heartbeat(): Promise<void> {
    if (!this.lease) throw new Error('a heartbeat without a unit');
    const { sweepId, unit, runs } = this.lease;
    const { deviceId } = this;
    const grid = evaluationSteps(STEPS);
    const first = (this.progress++ * POINTS) % (grid.length - POINTS);
    const steps = grid.slice(first, first + POINTS);
    const points = steps.map((step) => [step, 3.4 / (step + 1), 0.5, 3.4, 0.1]);
    const request: HeartbeatRequest = {
      ...{ version: VERSION, deviceId, sweepId, unit, progress: this.progress },
      runs: runs.slice(0, 1).map(({ run }) => ({ run, step: steps.at(-1) ?? 0, points })),
    };
    const { leased } = await this.ask<{ leased: boolean }>('work/heartbeat', request);
    if (!leased) throw new Refused('the lease was lost');
  }

  private ask<T>(path: string, body: unknown): Promise<T> {
    if (!this.link) throw new Error('not connected');
    return post<T>(this.link, path, body);
  }
}

async function post<T>(link: Link, path: string, body: unknown): Promise<T> {
  const reply = await link.ask(`/api/${path}`, JSON.stringify(body));
  if (reply.status >= 300) throw new Refused(`${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
  return reply.body as T;
}

const resultOf = ({ sweepId, unit }: Lease, { run, from }: LeasedRun): FinishedRun => ({
  ...{ sweepId, unit, run, from, to: STEPS, start: null, end: null, checkpoint: null },
  ...{ curve: curves[run % CURVES] as string, elapsedMs: 60_000 },
  ...{ engine: 'wasm', engineVersion: 'benchmark', weightsDigest: digestOf(run) },
});

const digestOf = (run: number): string => run.toString(16).padStart(64, '5');

/** Posts a sweep and returns its id. */
export async function postSweep(origin: string, token: string, spec: string): Promise<string> {
  const link = openHttp(origin, token);
  const reply = await link.ask('/api/sweeps', spec);
  link.close();
  if (reply.status >= 300) throw new Error(`no sweep: ${reply.status} ${JSON.stringify(reply.body)}`);
  return (reply.body as { id: string }).id;
}

/** How many runs of a sweep the server says are finished. */
export async function finishedRuns(origin: string, sweepId: string): Promise<number> {
  const reply = await fetch(`${origin}/api/sweeps/${sweepId}?count=1&curves=false`);
  return ((await reply.json()) as { sweep: { finishedRuns: number } }).sweep.finishedRuns;
}
