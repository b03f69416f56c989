// Whose work is done when, and how it travels: what researchers change while tabs work, fair shares, sockets, checks.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addResearcher, launchBrowser, openServer, type Server, visit } from './harness.ts';
import {
  post,
  read,
  seeds,
  spec,
  start,
  stop,
  terminalVolunteer,
  untilFinished,
  untilStep,
} from './steps.ts';
import { withWire } from './wire.ts';

let browser: Browser;
let server: Server;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tabgrad-scheduling-'));
  [browser, server] = await Promise.all([launchBrowser(), openServer()]);
});
afterAll(async () => {
  await Promise.all([browser.close(), server.remove()]);
  rmSync(folder, { recursive: true, force: true });
});

const statesOf = async (id: string) => (await read(server, id)).runs.map(({ state }) => state);
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

test('a researcher pauses, adds seeds, resumes and cancels while a tab works', async () => {
  const { id } = await post(
    server,
    spec({ name: 'changes', parameters: seeds(2), train: { steps: 15_000 } }),
  );
  const { page: tab, context, problems } = await visit(browser, `${server.url}/run`);
  await start(tab);
  await untilStep(tab, 1);

  const page = await context.newPage();
  await page.goto(`${server.url}/sweeps/${id}`);
  await page.getByText('For its researcher: pause, cancel, priority, more runs').click();
  await page.getByLabel('Researcher token').fill(server.token);
  await press(page, 'Pause the sweep');
  await page.getByText('Paused by its researcher.').waitFor();
  await page.getByLabel('Seeds for each configuration').fill('6');
  await press(page, 'Add runs …');
  await page.getByText('This adds 4 runs, to 6 in all, 3 times as many as now').waitFor();
  await press(page, 'Add them');
  await page.getByText('Each configuration now has 6 seeds.').waitFor();

  // What was in hand may be finished; what was added stays where it is.
  await untilFinished(server, id, 2);
  await tab
    .getByText(/; asking again soon/)
    .first()
    .waitFor();
  expect(await statesOf(id)).toEqual(['finished', 'finished', ...Array(4).fill('waiting')]);

  await press(page, 'Resume the sweep');
  await page.getByText('Resumed. Work is handed out again.').waitFor();
  await stop(tab);
  await start(tab);
  await expect.poll(() => statesOf(id), { timeout: 30_000 }).toContain('training');
  await untilStep(tab, 1);
  await press(page, 'Cancel the sweep …');
  await press(page, 'Cancel it for good');
  await page.getByText('Cancelled by its researcher.').waitFor();
  await stop(tab);
  await expect.poll(() => statesOf(id), { timeout: 30_000 }).not.toContain('training');
  const states = await statesOf(id);
  expect(states.slice(0, 2)).toEqual(['finished', 'finished']);
  expect(states.at(-1)).toBe('cancelled');
  expect((await read(server, id)).sweep).toMatchObject({ mode: 'cancelled', runs: 6 });
  expect(problems).toEqual([]);
  await context.close();
});

test('the work for a chosen sweep goes over a WebSocket, and over HTTP where that is refused', async () => {
  await withWire(server.url, async (wire) => {
    const sweeps = ['one', 'other'].map((name) =>
      post(server, spec({ name, parameters: seeds(4), train: { steps: 2000 } })),
    );
    const ids = (await Promise.all(sweeps)).map(({ id }) => id);
    wire.allowsSocket = () => wire.opened.length === 0;
    const [bySocket, byHttp] = ids as [string, string];
    const { page, context } = await visit(browser, `${wire.url}/run?sweep=${bySocket}`);
    await start(page);
    await Promise.all(ids.map((id) => untilFinished(server, id, 4)));
    await stop(page);

    expect(wire.opened).toEqual([bySocket]);
    expect(wire.refused).toContain(byHttp);
    const delivered = wire.exchanges.flatMap(({ asked }) => asked.results.map(({ sweepId }) => sweepId));
    expect(new Set(delivered)).toEqual(new Set([byHttp]));
    expect(delivered).toHaveLength(4);
    for (const id of ids)
      expect((await read(server, id)).runs.map(({ segments }) => segments)).toEqual([1, 1, 1, 1]);
    await context.close();
  });
});

test('two researchers share the work of one terminal: neither waits until the other has everything', async () => {
  const token = `tg_${randomBytes(32).toString('base64url')}`;
  await addResearcher(server, 'second', token);
  // So many units that it cannot be chance.
  const many = (name: string) =>
    spec({
      name,
      task: { kind: 'modular', op: 'add', p: 5, trainFraction: 0.7 },
      model: { kind: 'embedding-mlp', embedding: 4, hidden: 4 },
      parameters: seeds(12 * 64),
      train: { steps: 1 },
    });
  const [mine, theirs] = [await post(server, many('mine')), await post(server, many('theirs'), token)];
  const { status } = await terminalVolunteer(server, folder, '--engine', 'wasm');
  expect(status).toBe(0);
  const [a, b] = await Promise.all([mine, theirs].map(({ id }) => finishTimes(id)));
  expect(a).toHaveLength(12 * 64);
  expect(b).toHaveLength(12 * 64);
  expect(a?.[0]).toBeLessThan(b?.at(-1) as number);
  expect(b?.[0]).toBeLessThan(a?.at(-1) as number);
});

/** When the runs of a sweep were finished, ascending. */
async function finishTimes(id: string): Promise<number[]> {
  const { runs } = await read(server, id, '?curves=false');
  return runs.flatMap(({ finishedAtMs }) => finishedAtMs ?? []).sort((one, other) => one - other);
}

test('the status page tells what the hourly check found', async () => {
  const { page, problems } = await visit(browser, `${server.url}/status`);
  await page.getByText('Nobody has looked yet').waitFor();
  expect((await fetch(`${server.url}/cdn-cgi/local/scheduled`)).status).toBe(200);
  await page.reload();
  await page.getByText(/^Yes, as far as the last check saw/).waitFor();
  const row = page.getByRole('row', { name: /nothing broken$/ });
  expect(await row.count()).toBe(1);
  expect(Number(await row.getByRole('cell').nth(1).textContent())).toBeGreaterThan(0);
  expect(problems).toEqual([]);
  await page.context().close();
});
