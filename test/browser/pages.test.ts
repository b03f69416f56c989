import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, type Server, visit, withServer } from './harness.ts';
import { expectGoodLooks, LOOKS } from './looks.ts';
import { expectWhole, identityOf, post, seeds, spec, start, stop, untilFinished } from './steps.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Four finished runs by a volunteer who is in a team: what that browser keeps, and all pages there then are. */
async function furnished(server: Server) {
  const parameters = {
    'optimizer.weightDecay': { values: [0, 3] },
    'task.trainFraction': { values: [0.7, 0.8] },
  };
  const { id } = await post(server, spec({ parameters, train: { steps: 400 } }));
  const { page, context } = await visit(browser, `${server.url}/run`);
  await start(page);
  await page.getByText('Finished on this visit: 4 runs, 4 accepted').waitFor();
  await stop(page);
  await expectWhole(server, id);
  const { token } = await identityOf(page);
  const founded = await fetch(`${server.url}/api/teams`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ name: 'The Eyes' }),
  });
  const { team } = (await founded.json()) as { team: { id: string; invite: string } };
  const inEnglish = [`/sweeps/${id}`, `/sweeps/${id}/runs/3`, '/sweeps/new', '/boards', '/about', '/status'];
  const inAll = [
    ...['/', '/run', '/me', '/privacy', '/certificate', `/teams/${team.id}`],
    ...[`/teams/join#${team.invite}`, `/me#move=${'0'.repeat(32)}`, '/sweeps', '/nowhere'],
  ];
  const storageState = await context.storageState();
  await context.close();
  return { inAll, inEnglish, storageState };
}

test('every page is accessible, fits 360 px, and breaks no content policy, in light and dark, in every language', async () => {
  await withServer({}, async (server) => {
    const { inAll, inEnglish, storageState } = await furnished(server);
    for (const look of LOOKS) {
      const { page, context, problems } = await visit(browser, server.url, { ...look, storageState });
      for (const path of look.locale === 'en-GB' ? [...inAll, ...inEnglish] : inAll) {
        await page.goto(server.url + path);
        // A fragment alone would load nothing.
        if (path.includes('#')) await page.reload();
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('networkidle');
        await expectGoodLooks(page, `${path} ${look.colorScheme} ${look.viewport.width} ${look.locale}`);
      }
      expect(problems).toEqual([]);
      await context.close();
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

/** The scripts that a page asks for from now on, by the names of their files. */
function scriptsOf(page: Page): string[] {
  const scripts: string[] = [];
  page.on('response', (response) => {
    if (/javascript/.test(response.headers()['content-type'] ?? '')) scripts.push(response.url());
  });
  return scripts;
}

/** Their size as it is sent, and that of the service worker, which comes by itself once a page is idle. */
const gzipped = async (server: Server, scripts: readonly string[]) => {
  const urls = new Set([...scripts, `${server.url}/sw.js`]);
  const sizes = [...urls].map(async (url) => gzipSync(await (await fetch(url)).text()).length);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
};
const PLOTS = /-chart|canvas|Show/;
/** Whatever trains, and the tab's part in it. */
const TRAINING = /session-|VolunteerPage|host|engine|kernels|worker|replica|tfjs|pool/;

/** The landing page as a newcomer sees it, once there is nothing more to come. */
async function landing(server: Server, locale: string) {
  const { page, context, problems } = await visit(browser, `${server.url}/api/openapi.json`, { locale });
  const scripts = scriptsOf(page);
  await page.goto(server.url);
  await page.locator('.facts').waitFor();
  await page.waitForLoadState('networkidle');
  return { page, context, scripts, problems };
}

test('the landing page ships at most 60 KB of JavaScript, with its curve, in every language', async () => {
  await withServer({}, async (server) => {
    const { id } = await post(server, spec({ parameters: seeds(1) }));
    const { page: trainer, context: training } = await visit(browser, `${server.url}/run`);
    await start(trainer);
    await untilFinished(server, id, 1);
    await training.close();
    for (const locale of ['en-GB', 'de-DE']) {
      const { page, context, scripts, problems } = await landing(server, locale);
      await page.locator('figure.finding canvas').waitFor();
      await page.waitForLoadState('networkidle');
      expect(await page.locator('html').getAttribute('lang')).toBe(locale.slice(0, 2));
      expect(scripts.some((url) => PLOTS.test(url))).toBe(true);
      expect(scripts.filter((url) => TRAINING.test(url))).toEqual([]);
      expect(await gzipped(server, scripts), locale).toBeLessThanOrEqual(60 * 1024);
      expect(problems).toEqual([]);
      await context.close();
    }
  });
});

test('plots and engines come when they are needed', async () => {
  await withServer({}, async (server) => {
    const { page, context, scripts } = await landing(server, 'en-GB');
    // Nothing was found yet, so there is nothing to draw.
    expect(scripts.filter((url) => PLOTS.test(url) || TRAINING.test(url))).toEqual([]);

    const engines = () => scripts.filter((url) => /host|engine|kernels|replica|tfjs|pool/.test(url));
    await page.getByRole('link', { name: 'Start training' }).click();
    await page.getByRole('button', { name: 'Agree and start' }).waitFor();
    await page.waitForLoadState('networkidle');
    expect(engines()).toEqual([]);
    await post(server, spec());
    await start(page);
    await page.getByRole('region', { name: 'The runs in hand' }).locator('canvas').first().waitFor();
    expect(engines().length).toBeGreaterThan(0);
    expect(scripts.filter((url) => PLOTS.test(url)).length).toBeGreaterThan(0);
    await context.close();
  });
});
