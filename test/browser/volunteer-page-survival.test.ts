// What happens to a browser at work: it is killed, the network goes and comes back, the graphics device goes away.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EngineChoice } from '../../client/engine/messages.ts';
import { killBrowser, launchBrowser, openServer, type Server, visit, visitFrom } from './harness.ts';
import { beforeWorker, CHANGEABLE, destroyDevice, HOLD_DEVICES } from './inside.ts';
import {
  engineOf,
  identityOf,
  knowing,
  post,
  read,
  seeds,
  spec,
  start,
  stop,
  untilFinished,
  untilKept,
  untilStep,
} from './steps.ts';
import { withWire } from './wire.ts';

let browser: Browser;
let server: Server;
let profile: string;
/** As the first visit has measured it. */
let engine: string;
beforeAll(async () => {
  profile = mkdtempSync(join(tmpdir(), 'tabgrad-profile-'));
  [browser, server] = await Promise.all([launchBrowser(), openServer()]);
});
afterAll(async () => {
  await Promise.all([browser.close(), server.remove()]);
  rmSync(profile, { recursive: true, force: true });
});

const sweep = (name: string, runs: number, steps: number) =>
  post(server, spec({ name, title: name, parameters: seeds(runs), train: { steps } }));

/** Accepted once, by the one volunteer that the page is. */
async function expectOnce(id: string, page: Page): Promise<void> {
  const { runs, sweep } = await read(server, id);
  const { volunteerId, token } = await identityOf(page);
  expect(runs.map(({ state }) => state)).toEqual(runs.map(() => 'finished'));
  expect(new Set(runs.map(({ volunteer }) => volunteer)).size).toBe(1);
  const mine = async () => {
    const headers = { authorization: `Bearer ${token}` };
    const me = await (await fetch(`${server.url}/api/me`, { headers })).json();
    return [me.volunteerId, me.sweeps.find((one: { sweepId: string }) => one.sweepId === id)?.runs];
  };
  await expect.poll(mine, { timeout: 20_000 }).toEqual([volunteerId, sweep.runs]);
}

test('the browser is killed in the middle of a unit: opened again it offers to go on, and the run counts once', async () => {
  const { id } = await sweep('killed', 1, 40_000);
  const before = await visitFrom(profile, `${server.url}/run?sweep=${id}`);
  await start(before.page);
  const killedAt = await untilKept(before.page);
  engine = await engineOf(before.page);
  await killBrowser(before);

  const { page, context, problems } = await visitFrom(profile, `${server.url}/run?sweep=${id}`);
  await page.getByText(/^This device holds run 0 of killed at step [\d,]+\.$/).waitFor();
  await page.getByText('Start goes on with the run, unless another device has taken over.').waitFor();
  expect(page.workers()).toEqual([]);
  await start(page);
  const words = await page.getByText(/^Gone on from step [\d,]+, kept on this device\.$/).textContent();
  const from = Number(/step ([\d,]+)/.exec(words ?? '')?.[1]?.replaceAll(',', ''));
  expect(from).toBeGreaterThan(0);
  expect(from).toBeLessThanOrEqual(killedAt);
  await untilFinished(server, id, 1);
  await stop(page);
  await expectOnce(id, page);
  expect((await read(server, id)).runs[0]?.segments).toBe(1);
  expect(problems).toEqual([]);
  await context.close();
});

test('offline in the middle of a run: it is finished, waits through a reload, and is accepted when the network is back', async () => {
  // Work goes over HTTP here: a WebSocket that is open would outlive the cut.
  await withWire(server.url, async (wire) => {
    const { id } = await sweep('offline', 1, 20_000);
    const { page, context } = await visit(browser, `${wire.url}/run?sweep=${id}`, knowing(wire.url, engine));
    await start(page);
    await untilStep(page, 200);
    // However fast the machine, it is not finished before the cut.
    await page.getByRole('button', { name: 'Pause' }).click();
    await context.setOffline(true);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('heading', { name: 'No connection' }).waitFor();
    await page.getByText(/^1 run waits to be sent: kept on this device until the server has it/).waitFor();
    expect((await read(server, id)).sweep.finishedRuns).toBe(0);

    await page.reload();
    await page.getByText('1 finished result waits to be sent.').waitFor();
    await page.getByText('Start sends it.').waitFor();
    await page.getByRole('heading', { name: 'No connection' }).waitFor();
    expect(page.workers()).toEqual([]);
    // Started without a network it waits for one.
    await start(page);
    expect((await read(server, id)).sweep.finishedRuns).toBe(0);
    await context.setOffline(false);
    await page
      .getByText(/^Finished on this visit: .+ 1 accepted/)
      .first()
      .waitFor({ timeout: 60_000 });
    await untilFinished(server, id, 1);
    expect(await page.getByRole('heading', { name: 'No connection' }).count()).toBe(0);
    await expectOnce(id, page);
    await stop(page);
    await context.close();
  });
});

/** As if the graphics device had been found the fastest, which on a machine without one it never is. */
function onGraphics(measured: string): string {
  const choice = JSON.parse(measured) as EngineChoice;
  const trial = choice.trials.find(({ name }) => name === 'webgpu');
  if (!trial?.device) throw new Error(`WebGPU was not tried: ${trial?.problem}`);
  const { device } = trial;
  return JSON.stringify({ ...choice, engine: 'webgpu', version: '1', device, replicas: 1, roof: undefined });
}

test('the graphics device is destroyed in the middle of a unit: the page says so in words, and the run is accepted', async () => {
  const { id } = await sweep('destroyed', 1, 1500);
  const { page, context, problems } = await visit(browser, `${server.url}/`, {
    ...CHANGEABLE,
    ...knowing(server.url, onGraphics(engine)),
  });
  await beforeWorker(context, HOLD_DEVICES);
  await page.goto(`${server.url}/run?sweep=${id}`);
  await start(page);
  await untilStep(page, 50);
  expect(await destroyDevice(page)).toBe(1);
  await page
    .getByRole('log')
    .getByText(/graphics device was lost/i)
    .first()
    .waitFor();
  await untilFinished(server, id, 1);
  const [run] = (await read(server, id)).runs;
  expect(run?.engine).toMatch(/^(webgpu|wasm)$/);
  console.log(`after its device was destroyed the run was finished by ${run?.engine}`);
  await stop(page);
  await expectOnce(id, page);
  expect(problems).toEqual([]);
  await context.close();
});
