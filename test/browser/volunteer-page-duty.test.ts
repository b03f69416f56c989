// How much of the time is computed: what is set, what the page says was measured, and what a watch from outside finds.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openServer, type Server, visit } from './harness.ts';
import { beforeWorker, CHANGEABLE, threadsOf, WATCH_THREADS } from './inside.ts';
import { kept, post, seeds, spec, start, untilStep } from './steps.ts';

let browser: Browser;
let server: Server;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), openServer()]);
});
afterAll(async () => {
  await Promise.all([browser.close(), server.remove()]);
});

const MEASURED = /^set (\d+) %, measured (\d+) % over the last (\d+) s$/;

/** What the page says of itself, once it has looked for so long. */
async function saidOver(page: Page, seconds: number): Promise<number> {
  const said = page.locator('.duty-measured');
  let share = Number.NaN;
  await expect
    .poll(
      async () => {
        const [, , percent, over] = MEASURED.exec((await said.textContent()) ?? '') ?? [];
        share = Number(percent);
        return Number(over ?? 0);
      },
      { timeout: 90_000, interval: 500 },
    )
    .toBeGreaterThanOrEqual(seconds);
  return share;
}

/** Steps and computing, from one look to the next. */
async function watch(page: Page, atLeastMs: number): Promise<{ share: number; stepsPerSecond: number }> {
  const look = async () => ({ ...(await threadsOf(page)), step: await untilStep(page, 0) });
  const before = await look();
  await expect
    .poll(async () => (await threadsOf(page)).atMs - before.atMs, { timeout: 90_000, interval: 500 })
    .toBeGreaterThan(atLeastMs);
  const after = await look();
  const ms = after.atMs - before.atMs;
  return {
    share: (100 * (after.busyMs - before.busyMs)) / ms,
    stepsPerSecond: (1000 * (after.step - before.step)) / ms,
  };
}

test('at 25 % it computes for 25 % of the time, give or take 5, and says so', async () => {
  const { id } = await post(server, spec({ parameters: seeds(2), train: { steps: 400_000 } }));
  const { page, context } = await visit(browser, `${server.url}/`, CHANGEABLE);
  await beforeWorker(context, WATCH_THREADS);
  await page.goto(`${server.url}/run?sweep=${id}`);
  await start(page);
  await untilStep(page, 100);
  const full = await watch(page, 4000);
  expect(full.share).toBeGreaterThan(60);

  // By keyboard: the least, and three more.
  const slider = page.getByRole('slider', { name: 'Share of the time' });
  await slider.focus();
  for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  expect(await slider.getAttribute('aria-valuetext')).toBe('25 %, some of the time');
  expect(JSON.parse((await kept(page, 'tabgrad.settings')) ?? '{}')).toMatchObject({ duty: 25 });

  // What was computed before the slider was pulled leaves the page's window of 20 s meanwhile.
  const quarter = await watch(page, 22_000);
  const said = await saidOver(page, 15);
  console.log(
    `at 25 %: measured ${quarter.share.toFixed(1)} % from outside, ${said} % by the page; ` +
      `${full.stepsPerSecond.toFixed(0)} steps per second before, ${quarter.stepsPerSecond.toFixed(0)} now`,
  );
  expect(Math.abs(quarter.share - 25)).toBeLessThanOrEqual(5);
  expect(Math.abs(said - 25)).toBeLessThanOrEqual(5);
  expect(quarter.stepsPerSecond).toBeLessThan(full.stepsPerSecond / 2);

  // It survives a reload.
  await page.reload();
  expect(await slider.inputValue()).toBe('25');
  await context.close();
});
