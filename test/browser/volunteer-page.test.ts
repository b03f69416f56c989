// From the first look at /run to the last: consent, the first curve, a pause that stays one, two tabs.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openServer, type Server, visit } from './harness.ts';
import { kept, post, read, seeds, spec, start, untilStateKept, untilStep } from './steps.ts';

let browser: Browser;
let server: Server;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), openServer()]);
});
afterAll(async () => {
  await Promise.all([browser.close(), server.remove()]);
});

/** A sweep of one run, and the page that would train it. */
async function sweep(name: string, steps: number): Promise<{ id: string; path: string }> {
  const { id } = await post(server, spec({ name, title: name, parameters: seeds(1), train: { steps } }));
  return { id, path: `${server.url}/run?sweep=${id}` };
}

const posted = (asked: readonly string[]) => asked.filter((one) => !one.startsWith('GET '));
/** The worker that trains, its engines and their kernels. */
const computing = (asked: readonly string[]) => asked.filter((one) => /host|kernels|tfjs|\.wasm/.test(one));
const agree = (page: Page) => page.getByRole('button', { name: 'Agree and start' });

test('before consent nothing is computed, fetched for computing, kept or sent; one click takes it back', async () => {
  const { path } = await sweep('consent', 200_000);
  const { page, context, asked, problems } = await visit(browser, path);
  await agree(page).waitFor();
  await page.getByText('Nothing has been started or sent.').waitFor();
  for (const term of ['What runs', 'How much', 'What is sent', 'What never happens'])
    await page.locator('dt', { hasText: term }).waitFor();
  await page.waitForLoadState('networkidle');
  expect(page.workers()).toEqual([]);
  expect(posted(asked)).toEqual([]);
  expect(computing(asked)).toEqual([]);
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);

  await start(page);
  expect(posted(asked)[0]).toBe('POST /api/volunteers');
  await expect.poll(() => kept(page, 'tabgrad.consent')).toMatch(/^\d+$/);
  await untilStep(page, 100);
  expect(page.workers().length).toBeGreaterThan(0);

  await page.getByRole('button', { name: 'Withdraw my consent' }).click();
  await page.getByRole('heading', { name: 'Your consent is withdrawn' }).waitFor();
  await agree(page).waitFor();
  expect(page.workers()).toEqual([]);
  expect(await kept(page, 'tabgrad.consent')).toBeNull();
  // The last word: how far the run in hand is.
  const said = posted(asked).length;
  await page.reload();
  await agree(page).waitFor();
  await page.waitForLoadState('networkidle');
  expect(page.workers()).toEqual([]);
  expect(posted(asked).length).toBe(said);
  await page.getByRole('link', { name: 'Your page' }).click();
  await page.getByRole('button', { name: 'Forget it on this device …' }).click();
  await page.getByRole('button', { name: 'Forget it here' }).click();
  await page.getByText('This browser is nobody again.').waitFor();
  expect(await kept(page, 'tabgrad.volunteer')).toBeNull();
  expect(problems).toEqual([]);
  await context.close();
});

test('the first curve is there soon after Start, although the engines are measured first', async () => {
  const { path } = await sweep('first-curve', 200_000);
  const { page, context, problems } = await visit(browser, path);
  await agree(page).waitFor();
  const pressedAtMs = performance.now();
  await start(page);
  const figure = page.getByRole('region', { name: 'The runs in hand' });
  await figure.locator('canvas').first().waitFor();
  // There is something to read from two points on.
  await figure.getByRole('slider', { name: 'Read the curve, step by step' }).waitFor();
  const seconds = (performance.now() - pressedAtMs) / 1000;
  console.log(`first curve after ${seconds.toFixed(1)} s`);
  // Promised are ten seconds; other work may share the machine of a test.
  expect(seconds).toBeLessThan(30);
  expect(problems).toEqual([]);
  await context.close();
});

test('a pause stays one through a reload, and Resume goes on with the same run where it was', async () => {
  const { id, path } = await sweep('pause', 200_000);
  const { page, context, asked, problems } = await visit(browser, path);
  await start(page);
  await untilStep(page, 500);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  await page
    .getByRole('log')
    .getByText(/Paused/)
    .waitFor();
  const pausedAt = await untilStep(page, 500);
  await untilStateKept(page);

  const before = posted(asked).length;
  const loaded = asked.length;
  await page.reload();
  await page.getByText(/^Paused since .+ Nothing is computed until you press Resume\.$/).waitFor();
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  await page.waitForLoadState('networkidle');
  expect(page.workers()).toEqual([]);
  expect(posted(asked).length).toBe(before);
  expect(computing(asked.slice(loaded))).toEqual([]);

  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText(/^Gone on from step [\d,]+, kept on this device\.$/).waitFor({ timeout: 30_000 });
  expect(await untilStep(page, 1)).toBeGreaterThanOrEqual(pausedAt);
  expect((await read(server, id)).runs[0]).toMatchObject({ state: 'training', segments: 0 });
  expect(problems).toEqual([]);
  await context.close();
});

test('of two tabs one trains; the other says so, and can take over', async () => {
  const { id, path } = await sweep('two-tabs', 200_000);
  const { page: one, context, problems } = await visit(browser, path);
  await start(one);
  await untilStep(one, 200);
  const other = await context.newPage();
  await other.goto(path);
  const elsewhere = { name: 'Another tab of this browser trains' };
  await other.getByRole('heading', elsewhere).waitFor();
  expect(await other.getByRole('button', { name: /start$/i }).count()).toBe(0);
  expect(other.workers()).toEqual([]);
  const reached = await untilStep(one, 300);

  await other.getByRole('button', { name: 'Train here instead' }).click();
  expect(await untilStep(other, 1)).toBeGreaterThanOrEqual(reached);
  await one.getByRole('heading', elsewhere).waitFor();
  expect(one.workers()).toEqual([]);
  expect(other.workers().length).toBeGreaterThan(0);
  expect(await other.getByRole('heading', elsewhere).count()).toBe(0);

  expect((await read(server, id)).runs[0]).toMatchObject({ state: 'training' });
  expect(problems).toEqual([]);
  await context.close();
});
