import { mkdtempSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, visit, withServer } from './harness.ts';
import { expectWhole, post, seeds, spec, start, terminalVolunteer, untilFinished } from './steps.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Four times as many runs as a tab trains at once, each long enough to be caught in the middle. */
const LONG_RUNS = 4 * Math.min(8, availableParallelism());
const long = () => spec({ parameters: seeds(LONG_RUNS), train: { steps: 12_000 } });

test('a visitor presses Start, the networks grok, and the results page shows it', async () => {
  await withServer({}, async (server) => {
    const parameters = { 'optimizer.weightDecay': { values: [0, 1.5] }, ...seeds(3) };
    const { id } = await post(server, spec({ parameters }));
    const { page, problems } = await visit(browser, `${server.url}/run`);
    expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
    await start(page);
    await page.getByText('A short journey').first().waitFor();
    await untilFinished(server, id, 6);
    const { cells } = await expectWhole(server, id);

    const [without, withDecay] = cells.map(({ aggregate }) => aggregate);
    expect(without).toMatchObject({
      n: 3,
      memorised: 3,
      generalised: 0,
      censored: 3,
      tGen: { median: null },
    });
    expect(withDecay).toMatchObject({ n: 3, memorised: 3, generalised: 3, censored: 0 });
    // The band of the configuration: 305 to 720 over ten seeds elsewhere; these three seeds' median lies within.
    expect(withDecay?.tGen.median).toBeGreaterThan(305);
    expect(withDecay?.tGen.median).toBeLessThan(720);
    expect(withDecay?.tMem.median).toBeGreaterThan(35);
    expect(withDecay?.tMem.median).toBeLessThan(50);

    await page.goto(`${server.url}/sweeps/${id}`);
    await page.getByText('3 of 3').first().waitFor();
    await page.getByText('0 of 3').first().waitFor();
    expect(await page.getByText('> 1000').count()).toBeGreaterThan(0);
    expect(await page.getByRole('cell', { name: /^(wasm|webgpu) \d+$/ }).count()).toBe(6);
    expect(problems).toEqual([]);
    await page.context().close();
  });
});

test('a tab is killed in the middle of a unit, and a stranger finishes it', async () => {
  await withServer({ leaseMs: 4000 }, async (server) => {
    const { id } = await post(server, long());
    const { page, context } = await visit(browser, `${server.url}/run`);
    await start(page);
    const before = await untilFinished(server, id, 1);
    await context.close();
    const kept = before.runs.filter(({ state }) => state === 'finished');
    expect(kept.length).toBeLessThan(LONG_RUNS);

    const { status, output } = await terminalVolunteer(
      server,
      mkdtempSync(join(tmpdir(), 'tabgrad-volunteer-')),
    );
    expect(output).toContain('runs accepted');
    expect(status).toBe(0);
    const after = await expectWhole(server, id);
    for (const { index, digest, volunteer } of kept)
      expect(after.runs[index]).toMatchObject({ digest, volunteer });
    expect(new Set(after.runs.map(({ volunteer }) => volunteer)).size).toBe(2);
  });
});

test('the server loses its power in the middle of a unit, and nothing is lost', async () => {
  await withServer({}, async (server) => {
    const { id } = await post(server, long());
    const { page } = await visit(browser, `${server.url}/run`);
    await start(page);
    const before = await untilFinished(server, id, 1);
    await server.kill();
    await page
      .getByText(/cannot be reached/)
      .first()
      .waitFor({ timeout: 60_000 });
    await server.restart();
    await untilFinished(server, id, LONG_RUNS);
    const after = await expectWhole(server, id);
    for (const run of before.runs.filter(({ state }) => state === 'finished')) {
      expect(after.runs[run.index]).toMatchObject({ digest: run.digest, finishedAtMs: run.finishedAtMs });
    }
    // One volunteer throughout: the tab went on where it was.
    expect(new Set(after.runs.map(({ volunteer }) => volunteer)).size).toBe(1);
    await page.context().close();
  });
});

test('a pause stops the steps, a reload never starts by itself, and Start goes on with the same unit', async () => {
  await withServer({}, async (server) => {
    const { id } = await post(server, spec({ parameters: seeds(2), train: { steps: 30_000 } }));
    const { page, problems } = await visit(browser, `${server.url}/run`);
    await start(page);
    const bar = page.getByRole('progressbar', { name: /^Steps of/ });
    const step = async () => Number(await bar.getAttribute('aria-valuenow'));
    await expect.poll(step, { timeout: 30_000 }).toBeGreaterThan(20);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.waitForTimeout(700);
    const paused = await step();
    await page.waitForTimeout(1500);
    expect(await step()).toBe(paused);
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(step, { timeout: 30_000 }).toBeGreaterThan(paused);

    const second = await page.context().newPage();
    await second.goto(`${server.url}/run?sweep=no%20such%20thing`);
    await second.getByText('Another tab of this browser trains').waitFor();
    expect(await second.getByRole('button', { name: /start/i }).count()).toBe(0);
    await second.close();

    await page.reload();
    await page.waitForTimeout(1500);
    expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
    await start(page);
    await untilFinished(server, id, 2);
    const { runs } = await expectWhole(server, id);
    expect(new Set(runs.map(({ volunteer }) => volunteer)).size).toBe(1);
    expect(problems).toEqual([]);
    await page.context().close();
  });
});

test('the keyboard stays in the controls when they change, and is not drawn into them', async () => {
  await withServer({}, async (server) => {
    const { page, problems } = await visit(browser, `${server.url}/run`);
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
    const isFocused = (words: string | RegExp) => expect.poll(focused, { timeout: 30_000 }).toMatch(words);
    await start(page);
    await isFocused(/^Pause$/);
    // Without a run in hand there is none to finish.
    await page
      .getByText(/; asking again soon/)
      .first()
      .waitFor();
    expect(await page.getByRole('button', { name: /^Finish/ }).count()).toBe(0);
    await page.keyboard.press('Tab');
    await isFocused(/^Stop$/);
    await page.keyboard.press('Enter');
    await isFocused(/^Start$/);
    await page.getByText(/^You agreed on \d+ [A-Z][a-z]+ \d{4}\./).waitFor();

    await post(server, long());
    await page.keyboard.press('Enter');
    await isFocused(/^Pause$/);
    await page.keyboard.press('Enter');
    await isFocused(/^Resume$/);
    await page.keyboard.press('Enter');
    await isFocused(/^Pause$/);
    await page.getByRole('button', { name: /^Finish/ }).focus();
    await page.keyboard.press('Enter');
    await isFocused(/^Finishing/);
    await isFocused(/^Start again$/);

    await start(page);
    await page.getByRole('link', { name: 'Sweeps' }).focus();
    await page.getByRole('button', { name: 'Stop' }).evaluate((button) => (button as HTMLElement).click());
    await page.getByRole('button', { name: 'Start again' }).waitFor();
    expect(await focused()).toBe('Sweeps');
    expect(problems).toEqual([]);
    await page.context().close();
  });
});

const engineWords = /^(wasm|WebGPU) on .+: [\d.]+ ms per step and run/;

test('the page says which engine computes on what, and the next visit uses what was measured', async () => {
  await withServer({}, async (server) => {
    const { id } = await post(server, spec({ parameters: seeds(40), train: { steps: 12_000 } }));
    const { page, problems } = await visit(browser, `${server.url}/run`);
    const engine = page.locator('section', { has: page.getByRole('heading', { name: 'Engine' }) });
    await start(page);
    await engine.getByText(engineWords).first().waitFor();
    await engine.getByText(/^Measured on this visit\./).waitFor();
    expect(await engine.getByRole('listitem').count()).toBe(0);
    await engine.getByText('What was measured').click();
    await engine.getByRole('listitem').filter({ hasText: 'wasm on processor' }).waitFor();
    await page.reload();
    await engine.getByText(/^Measured on .+, on an earlier visit\./).waitFor();
    await start(page);
    await page
      .getByRole('log')
      .getByText(/as measured on/)
      .waitFor();
    expect(await page.getByRole('log').getByText('Measuring which engine').count()).toBe(0);

    const bar = page.getByRole('progressbar', { name: /^Steps of/ });
    const step = async () => Number(await bar.getAttribute('aria-valuenow'));
    await expect.poll(step, { timeout: 30_000 }).toBeGreaterThan(20);
    await engine.getByRole('button', { name: 'Measure again' }).click();
    await engine.getByText(/^Measured on this visit\./).waitFor();
    const { runs } = await untilFinished(server, id, 1);
    expect(runs.find(({ state }) => state === 'finished')?.engine).toMatch(/^(wasm|webgpu)$/);
    expect(problems).toEqual([]);
    await page.context().close();
  });
});

test('an engine that fails in use gives way to the next, and is not chosen on the next visit', async () => {
  await withServer({}, async (server) => {
    const short = { parameters: seeds(2), train: { steps: 100 } };
    const { id } = await post(server, spec(short));
    const first = await visit(browser, `${server.url}/run`);
    await start(first.page);
    const { runs } = await untilFinished(server, id, 2);
    expect(runs.map(({ engine }) => engine)).toEqual(['wasm', 'wasm']);
    const storageState = await first.context.storageState();
    await first.context.close();

    // The same browser as far as it remembers, but a module without a single function where the kernels were.
    const { page, context } = await visit(browser, `${server.url}/run`, { storageState });
    const body = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    await context.route(/kernels-.*\.wasm/, (route) =>
      route.fulfill({ contentType: 'application/wasm', body }),
    );
    const second = await post(server, spec({ name: 'second', ...short }));
    await start(page);
    await page
      .getByText(/wasm stopped working: .+ Going on with the next engine/)
      .first()
      .waitFor();
    for (const run of (await untilFinished(server, second.id, 2)).runs) expect(run.engine).not.toBe('wasm');
    expect(await page.evaluate(() => localStorage.getItem('tabgrad.engine'))).toBeNull();
    await context.close();
  });
});
