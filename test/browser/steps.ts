// What journeys do besides looking at pages: post a sweep, read it back, work as a terminal volunteer.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { root } from '../../client/cli/local/processes.ts';
import type { PostSweepReply, SweepReply } from '../../shared/protocol.ts';
import { runCost } from '../../shared/spec/cost.ts';
import { readSweep, runAt } from '../../shared/spec/sweep.ts';
import type { Contributors, ContributorsReply } from '../../shared/volunteers.ts';
import type { Server } from './harness.ts';

/** Configuration C of the demo, made short: with this weight decay it has generalised well before the end. */
export const spec = (change: Record<string, unknown> = {}) => ({
  name: 'journey',
  title: 'A short journey',
  task: { kind: 'modular', op: 'add', p: 31, trainFraction: 0.7 },
  model: { kind: 'embedding-mlp', embedding: 64, hidden: 32 },
  optimizer: { kind: 'adamw', lr: 0.01, weightDecay: 1.5, betas: [0.9, 0.98] },
  train: { steps: 1000 },
  ...change,
});

/** So many seeds from 0 on. */
export const seeds = (count: number) => ({
  seed: count === 1 ? { values: [0] } : { min: 0, max: count - 1 },
});

export async function post(
  server: Server,
  body: unknown,
  token: string = server.token,
): Promise<PostSweepReply> {
  const response = await fetch(`${server.url}/api/sweeps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as PostSweepReply;
}

export const read = async (server: Server, id: string, query = ''): Promise<SweepReply> =>
  (await (await fetch(`${server.url}/api/sweeps/${id}${query}`)).json()) as SweepReply;

/** Waits until so many runs of the sweep are finished; the wait is bounded by the test's own time. */
export async function untilFinished(server: Server, id: string, runs: number): Promise<SweepReply> {
  for (;;) {
    const reply = await read(server, id).catch(() => null);
    if (reply && reply.runs.filter(({ state }) => state === 'finished').length >= runs) return reply;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** `tabgrad volunteer URL --until-done`, to its end. */
export const terminalVolunteer = (
  { url }: Pick<Server, 'url'>,
  stateDir: string,
  ...options: string[]
): Promise<Said> => tabgrad(['volunteer', url, '--until-done', ...options], { TABGRAD_STATE: stateDir });

export interface Said {
  status: number | null;
  output: string;
}

/** A command to its end. */
export function tabgrad(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Said> {
  const script = join(root, 'client', 'cli', 'local', 'setup.mjs');
  const child = spawn(process.execPath, [script, 'tabgrad', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, output })));
}

/** Agrees and presses Start on /run, by keyboard. */
export async function start(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: /start/i });
  await button.focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => page.getByRole('button', { name: 'Pause' }).count(), { timeout: 30_000 }).toBe(1);
}

/** Stops, and waits until the last word to the server is said. */
export async function stop(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('button', { name: /^Start/ }).waitFor();
}

/** Waits until the runs in hand have come so far on /run, and says how far that is. */
export async function untilStep(page: Page, atLeast: number): Promise<number> {
  const bar = page.getByRole('progressbar', { name: /^Steps of/ });
  const step = async () => Number(await bar.getAttribute('aria-valuenow', { timeout: 1000 }).catch(() => 0));
  for (;;) {
    const reached = await step();
    if (reached >= atLeast) return reached;
    await page.waitForTimeout(50);
  }
}

/** A tab keeps where its runs stand so often. */
const SAVES_EVERY_MS = 10_000;

/** Waits until this browser keeps where a run stands. */
export async function untilStateKept(page: Page): Promise<void> {
  const isKept = () =>
    page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const states = await root.getDirectoryHandle('tabgrad-states-1').catch(() => null);
      // What was leased is kept from the beginning.
      for await (const name of states?.keys() ?? []) if (!name.startsWith('lease')) return true;
      return false;
    });
  await expect.poll(isKept, { timeout: 30_000 }).toBe(true);
}

/** Until this browser has kept where the run in hand stands, and beyond. Little of the run is used up on the way. */
export async function untilKept(page: Page): Promise<number> {
  const begunAtMs = Date.now();
  const reached = await untilStep(page, 1);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.waitForTimeout(Math.max(0, begunAtMs + SAVES_EVERY_MS - Date.now()));
  await page.getByRole('button', { name: 'Resume' }).click();
  await untilStateKept(page);
  // Training waits for what is being written: steps beyond prove that it was.
  await untilStep(page, (await untilStep(page, reached)) + 1);
  return untilStep(page, 1);
}

const ENGINE = 'tabgrad.engine';

/** The engine that a page that has started chooses, for another visit that is not to measure again. */
export async function engineOf(page: Page): Promise<string> {
  await expect.poll(() => kept(page, ENGINE), { timeout: 30_000 }).toContain('"engine":"wasm"');
  return String(await kept(page, ENGINE));
}

/** What the page's browser keeps under a name; null where nothing. */
export const kept = (page: Page, name: string): Promise<string | null> =>
  page.evaluate((key) => localStorage.getItem(key), name);

/** The state of a browser that knows its engine, and perhaps more, as far as a site's address goes. */
export const knowing = (url: string, engine: string, more: Record<string, string> = {}) => ({
  storageState: {
    cookies: [],
    origins: [
      {
        origin: new URL(url).origin,
        localStorage: Object.entries({ [ENGINE]: engine, ...more }).map(([name, value]) => ({ name, value })),
      },
    ],
  },
});

/** Who the page's browser is to the server. */
export async function identityOf(page: Page): Promise<{ volunteerId: string; token: string }> {
  return JSON.parse((await kept(page, 'tabgrad.volunteer')) ?? 'null');
}

/** Nothing lost and nothing counted twice: every run finished once, and the board adds up to that. */
export async function expectWhole(server: Server, id: string): Promise<SweepReply> {
  const reply = await read(server, id);
  const { runs } = reply.sweep;
  expect(reply.runs.map(({ index, state }) => [index, state])).toEqual(
    Array.from({ length: runs }, (_, i) => [i, 'finished']),
  );
  expect(reply.curves.map(({ run }) => run)).toEqual(Array.from({ length: runs }, (_, i) => i));
  expect(reply.cells.reduce((sum, { aggregate }) => sum + aggregate.n, 0)).toBe(runs);
  await expect.poll(() => boardRuns(server), { timeout: 20_000, interval: 500 }).toBe(runs);
  return reply;
}

const boardRuns = async (server: Server): Promise<number> => (await contributed(server)).runs;

/** How many have done something, and how much all of them have done, named on the board or not. */
export async function contributed(server: Server): Promise<Contributors['unlisted']> {
  const reply = await fetch(`${server.url}/api/contributors`);
  const { allTime } = (await reply.json()) as ContributorsReply;
  const one = allTime.volunteers.map(({ runs, credit }) => ({ volunteers: 1, runs, credit }));
  return [allTime.unlisted, ...one].reduce((sum, { volunteers, runs, credit }) => ({
    volunteers: sum.volunteers + volunteers,
    runs: sum.runs + runs,
    credit: sum.credit + credit,
  }));
}

/** What a run of a sweep is worth whose runs cost the same. */
export function creditOf(body: unknown): number {
  const read = readSweep(body);
  if (!read.ok) throw new Error('the spec is broken');
  return runCost(runAt(read.value, 0).config).credit;
}
