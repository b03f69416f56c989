// What journeys do besides looking at pages: post a sweep, read it back, work as a terminal volunteer.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { root } from '../../client/cli/local/processes.ts';
import type { PostSweepReply, SweepReply } from '../../shared/protocol.ts';
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

export async function post(server: Server, body: unknown): Promise<PostSweepReply> {
  const response = await fetch(`${server.url}/api/sweeps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.token}` },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as PostSweepReply;
}

export const read = async (server: Server, id: string): Promise<SweepReply> =>
  (await (await fetch(`${server.url}/api/sweeps/${id}`)).json()) as SweepReply;

/** Waits until so many runs of the sweep are finished; the wait is bounded by the test's own time. */
export async function untilFinished(server: Server, id: string, runs: number): Promise<SweepReply> {
  for (;;) {
    const reply = await read(server, id).catch(() => null);
    if (reply && reply.runs.filter(({ state }) => state === 'finished').length >= runs) return reply;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** `tabgrad volunteer URL --until-done`, to its end. */
export function terminalVolunteer(
  server: Server,
  stateDir: string,
): Promise<{ status: number | null; output: string }> {
  const script = join(root, 'client', 'cli', 'local', 'setup.mjs');
  const child = spawn(process.execPath, [script, 'tabgrad', 'volunteer', server.url, '--until-done'], {
    env: { ...process.env, TABGRAD_STATE: stateDir },
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

async function boardRuns(server: Server): Promise<number> {
  const { contributors } = (await (await fetch(`${server.url}/api/boards`)).json()) as {
    contributors: { runs: number }[];
  };
  return contributors.reduce((sum, { runs }) => sum + runs, 0);
}
