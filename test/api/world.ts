// What tests of the server share: people, small sweeps, and results that look like training.

import { env as bound, exports } from 'cloudflare:workers';
import { base64, hex } from '../../shared/bytes.ts';
import { CHANNELS, type Channel, encodeCurve } from '../../shared/curve.ts';
import { VERSION } from '../../shared/protocol.ts';
import { evaluationSteps } from '../../shared/spec/evaluation-grid.ts';
import type { ExchangeReply, ExchangeRequest, FinishedRun, Lease } from '../../shared/work.ts';
import { sha256 } from '../../worker/digest.ts';
import { dispatcherName } from '../../worker/dispatcher/ask.ts';
import type { Env } from '../../worker/env.ts';
import app from '../../worker/index.ts';

export const env = bound as unknown as Env;
const server = (exports as unknown as { default: Fetcher }).default;

export const call = (path: string, init: RequestInit = {}): Promise<Response> =>
  server.fetch(new Request(`http://tabgrad.test${path}`, init as RequestInit<RequestInitCfProperties>));

export async function get<T = unknown>(path: string): Promise<T> {
  const response = await call(path);
  if (response.status !== 200)
    throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

export const post = (path: string, body: unknown, token?: string): Promise<Response> =>
  call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** A request with a token and without a body. */
export const own = (method: 'GET' | 'DELETE' | 'POST', path: string, token: string): Promise<Response> =>
  call(path, { method, headers: { authorization: `Bearer ${token}` } });

export const patch = (path: string, body: object, token: string): Promise<Response> =>
  call(path, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });

/** The token of a new researcher. */
export async function researcher(name = 'Ada', { isOperator = false } = {}): Promise<string> {
  const token = `tg_${hex(crypto.getRandomValues(new Uint8Array(16)))}`;
  const insert =
    'INSERT INTO researchers (id, name, token_hash, created_at, is_operator) VALUES (?, ?, ?, ?, ?)';
  await env.DB.prepare(insert)
    .bind(crypto.randomUUID(), name, await sha256(token), Date.now(), Number(isOperator))
    .run();
  return token;
}

/** Eight runs of two cells, seeds slowest. A run of 40 steps is evaluated at every point of the grid up to 40. */
export const tinySpec = (name: string, more: object = {}) => ({
  name,
  title: `Tiny sweep ${name}`,
  task: { p: 5, trainFraction: 0.6 },
  model: { embedding: 4, hidden: 4 },
  optimizer: { lr: 0.01, weightDecay: 1 },
  train: { steps: 40 },
  parameters: { 'optimizer.weightDecay': { values: [0, 1] }, seed: { values: [0, 1, 2, 3] } },
  ...more,
});

interface Posting {
  /** Of the researcher; a new one where there is none. */
  token?: string;
  stripes?: number;
}

export async function newSweep(name: string, more: object = {}, posting: Posting = {}): Promise<string> {
  const { token = await researcher(), stripes = 1 } = posting;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const init = { method: 'POST', headers, body: JSON.stringify(tinySpec(name, more)) };
  const response = await app.request('/api/sweeps', init, { ...env, STRIPES: String(stripes) });
  if (response.status !== 201) throw new Error(`the sweep was refused: ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

export const dispatcher = (sweepId: string, stripe = 0) =>
  env.DISPATCHER.get(env.DISPATCHER.idFromName(dispatcherName({ sweepId, stripe })));

export interface Shape {
  steps?: number;
  /** Steps at which the accuracies jump to 1; null for never. */
  tMem?: number | null;
  tGen?: number | null;
  /** Makes curves of one shape differ. */
  loss?: number;
}

/** A curve whose accuracies jump from 0 to 1. */
export function curveOf({ steps = 40, tMem = 2, tGen = 20, loss = 1 }: Shape = {}): Uint8Array {
  const grid = evaluationSteps(steps);
  const jump = (at: number | null) => Float32Array.from(grid, (step) => (at !== null && step >= at ? 1 : 0));
  const losses = new Float32Array(grid.length).fill(loss);
  const values = [losses, jump(tMem), losses, jump(tGen)];
  const channels = Object.fromEntries(CHANNELS.map((c, i) => [c, values[i]])) as Record<
    Channel,
    Float32Array
  >;
  return encodeCurve({ steps: grid, channels, divergedAt: null });
}

/** A whole run, from its first step to its last (that of tiny sweeps where the lease does not tell). */
export const resultOf = (
  unit: Pick<Lease, 'sweepId' | 'unit'> & { spec?: Lease['spec'] },
  run: number,
  curve = curveOf(),
): FinishedRun => ({
  ...{ sweepId: unit.sweepId, unit: unit.unit, run },
  ...{ from: 0, to: unit.spec?.train.steps ?? 40 },
  ...{ curve: base64(curve), start: null, end: null, checkpoint: null },
  ...{ engine: 'test', engineVersion: '1', elapsedMs: 12.5 },
  weightsDigest: 'ab'.repeat(32),
});

/** The numbers of the runs of a lease. */
export const runsOf = ({ runs }: Pick<Lease, 'runs'>): number[] => runs.map(({ run }) => run);

export const preferring = (sweepId: string) => ({ sweepId, researcher: null });

/** Fast enough for a whole unit of tiny runs, slow enough for one run at a time. */
export const FAST = 1e15;

export class Volunteer {
  readonly id: string;
  readonly token: string;
  readonly deviceId: string;

  constructor(id: string, token: string, deviceId = hex(crypto.getRandomValues(new Uint8Array(16)))) {
    this.id = id;
    this.token = token;
    this.deviceId = deviceId;
  }

  /** Whoever gives a name here wants it shown. */
  static async join(name?: string): Promise<Volunteer> {
    const response = await post('/api/volunteers', name ? { name } : {});
    const { volunteerId, token } = (await response.json()) as { volunteerId: string; token: string };
    if (name) await patch('/api/me', { isListed: true }, token);
    return new Volunteer(volunteerId, token);
  }

  /** The same person at another machine. */
  another(): Volunteer {
    return new Volunteer(this.id, this.token);
  }

  request(ask: Partial<ExchangeRequest>): ExchangeRequest {
    const { deviceId } = this;
    const rest = { results: [], wantsUnit: false, holds: null, prefers: null };
    return { version: VERSION, deviceId, ...rest, flopsPerSecond: 0, replicas: 1, ...ask };
  }

  async exchange(ask: Partial<ExchangeRequest>): Promise<ExchangeReply> {
    const response = await post('/api/work/exchange', this.request(ask), this.token);
    if (response.status !== 200) throw new Error(`the exchange was refused: ${await response.text()}`);
    return response.json();
  }

  async deliver(...results: FinishedRun[]) {
    return (await this.exchange({ results })).verdicts;
  }

  async lease(sweepId: string, flopsPerSecond = 0): Promise<Lease> {
    const { lease } = await this.exchange({
      ...{ wantsUnit: true, flopsPerSecond },
      prefers: preferring(sweepId),
    });
    if (lease?.sweepId !== sweepId) throw new Error(`no unit of ${sweepId} was leased`);
    return lease;
  }

  /** Finishes every run of a sweep that is left. */
  async finish(sweepId: string, curve: (run: number) => Uint8Array = () => curveOf()): Promise<void> {
    for (;;) {
      const { lease } = await this.exchange({
        ...{ wantsUnit: true, flopsPerSecond: FAST },
        prefers: preferring(sweepId),
      });
      if (lease?.sweepId !== sweepId) return;
      await this.deliver(...runsOf(lease).map((run) => resultOf(lease, run, curve(run))));
    }
  }

  say(
    path: 'heartbeat' | 'hand-back',
    { sweepId, unit }: Pick<Lease, 'sweepId' | 'unit'>,
    more: object = {},
  ) {
    const rest =
      path === 'heartbeat' ? { progress: 0, runs: [] } : { why: 'left', run: null, reason: 'enough' };
    const body = { version: VERSION, deviceId: this.deviceId, sweepId, unit, ...rest, ...more };
    return post(`/api/work/${path}`, body, this.token);
  }
}
