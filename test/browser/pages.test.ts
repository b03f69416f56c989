import { mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, visit, withServer } from './harness.ts';
import { expectWhole, post, spec, terminalVolunteer } from './steps.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** What axe finds on the page, as "rule: element". */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: axe has put itself there.
    const { violations: found } = await (globalThis as any).axe.run();
    // biome-ignore lint/suspicious/noExplicitAny: see above.
    return found.flatMap(({ id, nodes }: any) => nodes.map(({ target }: any) => `${id}: ${target}`));
  });
}

const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('every page is accessible, fits 360 px, and breaks no content policy, in light and dark', async () => {
  await withServer({}, async (server) => {
    const parameters = {
      'optimizer.weightDecay': { values: [0, 3] },
      'task.trainFraction': { values: [0.7, 0.8] },
    };
    const { id } = await post(server, spec({ parameters, train: { steps: 400 } }));
    await terminalVolunteer(server, mkdtempSync(join(tmpdir(), 'tabgrad-volunteer-')));
    await expectWhole(server, id);
    const paths = [
      '/',
      '/run',
      '/sweeps',
      `/sweeps/${id}`,
      `/sweeps/${id}/runs/3`,
      '/sweeps/new',
      '/boards',
      '/about',
      '/status',
      '/nowhere',
    ];
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1280, 360]) {
        const { page, problems } = await visit(browser, server.url, {
          colorScheme,
          viewport: { width, height: 800 },
        });
        for (const path of paths) {
          await page.goto(server.url + path);
          await page.getByRole('heading', { level: 1 }).waitFor();
          await page.waitForLoadState('networkidle');
          const where = `${path} ${colorScheme} ${width}`;
          expect(await overflow(page), where).toBe(0);
          if (width === 1280) expect(await violations(page), where).toEqual([]);
        }
        expect(problems).toEqual([]);
        await page.context().close();
      }
    }
  });
});

test('a researcher corrects a spec on its line, posts it, and lands on the sweep', async () => {
  await withServer({}, async (server) => {
    const { page, problems } = await visit(browser, `${server.url}/sweeps/new`);
    const editor = page.getByRole('textbox', { name: /spec/i });
    const good = JSON.stringify(
      spec({ name: 'from-the-page', parameters: { seed: { min: 0, max: 63 } } }),
      null,
      1,
    );
    await editor.fill(good.replace('"p": 31', '"p": 1'));
    await page
      .getByText(/whole number from 3 to 257/)
      .first()
      .waitFor();
    const button = page.getByRole('button', { name: 'Post the sweep' });
    expect(await button.isDisabled()).toBe(true);
    await editor.fill(good);
    await page
      .getByText(/\b64\b/)
      .first()
      .waitFor();
    await page.getByLabel(/token/i).first().fill('tg_not-the-token');
    await button.click();
    await page.getByRole('alert').first().waitFor();
    await page.getByLabel(/token/i).first().fill(server.token);
    await button.click();
    await page.waitForURL(/\/sweeps\/from-the-page-[0-9a-f]{8}$/);
    await page.getByText('0 of 64').first().waitFor();
    // The refused token is an answer 401, which the console notes.
    expect(problems.filter((problem) => !problem.includes('401'))).toEqual([]);
    await page.context().close();
  });
});

test('the landing page ships at most 60 KB of JavaScript', async () => {
  await withServer({}, async (server) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const scripts: string[] = [];
    page.on('response', (response) => {
      if (/javascript/.test(response.headers()['content-type'] ?? '')) scripts.push(response.url());
    });
    await page.goto(server.url);
    await page.waitForLoadState('networkidle');
    const { gzipSync } = await import('node:zlib');
    const sizes = await Promise.all(
      scripts.map(async (url) => gzipSync(await (await fetch(url)).text()).length),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(60 * 1024);
    expect(scripts.length).toBeGreaterThan(0);
    await context.close();
  });
});
