// Makes docs/pictures, with a server and a browser of its own: npm run pictures
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { root } from '../../client/cli/local/processes.ts';
import { readSpecText } from '../../shared/spec/text.ts';
import { launchBrowser, type Server, visit, withServer } from './harness.ts';
import { post, stop, untilFinished } from './steps.ts';

const folder = join(root, 'docs', 'pictures');
const DESK = { width: 1280, height: 1420 };
const TALL = { width: 1280, height: 2000 };
const PHONE = { width: 360, height: 2200 };

/** The sweep that the README shows. */
function demo(): Record<string, unknown> {
  const read = readSpecText(readFileSync(join(root, 'examples', 'weight-decay-decides.yaml'), 'utf8'));
  if (!read.ok) throw new Error('the example is broken');
  return { ...read.value.spec };
}

/** The same question asked for long enough to be watched. */
const watched = () => ({
  ...demo(),
  name: 'watched',
  title: 'How long does it stay generalised?',
  train: { steps: 60_000 },
  parameters: { 'optimizer.weightDecay': { values: [1.5, 3] }, seed: { min: 0, max: 3 } },
});

async function take(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(`docs/pictures/${name}.png`);
}

/** Nothing that moves is caught in the middle. */
const STILL = { reducedMotion: 'reduce' } as const;

type Kept = NonNullable<BrowserContextOptions['storageState']>;

/** Finishes the demo as a volunteer with a name; returns what that browser keeps. */
async function finishDemo(browser: Browser, server: Server, id: string): Promise<Kept> {
  const { page, context } = await visit(browser, `${server.url}/run`);
  await page.getByLabel(/^Display name/).fill('Ada');
  await page.getByRole('button', { name: 'Agree and start' }).click();
  await untilFinished(server, id, 32);
  await page.getByText('32 accepted').first().waitFor();
  await stop(page);
  // The front page is made from what was told last.
  for (let found = false; !found; ) {
    const { finding } = await (await fetch(`${server.url}/api/home`)).json();
    found = finding !== null;
    await page.waitForTimeout(500);
  }
  const kept = await context.storageState();
  await context.close();
  return kept;
}

/** Pages as they are, in both colour schemes. */
async function takePages(browser: Browser, server: Server, id: string, storageState: Kept): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, context } = await visit(browser, server.url, {
      ...STILL,
      ...{ colorScheme, viewport: DESK, storageState },
    });
    for (const [name, path] of [
      ['home', '/'],
      ['me', '/me'],
      ['sweep', `/sweeps/${id}`],
    ]) {
      await page.goto(server.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await take(page, `${name}-${colorScheme}`);
    }
    await context.close();
  }
}

/** The volunteer's page while networks turn their residues into a circle. */
async function takeRun(browser: Browser, server: Server, storageState: Kept): Promise<void> {
  const { id } = await post(server, watched());
  for (const [name, look, heading] of [
    ['run-light', { colorScheme: 'light', viewport: TALL }, /Lend this device/],
    ['run-german-dark', { colorScheme: 'dark', viewport: TALL, locale: 'de-DE' }, /Gerät mitrechnen/],
    ['run-phone', { colorScheme: 'light', viewport: PHONE }, /Lend this device/],
  ] as const) {
    const { page, context } = await visit(browser, `${server.url}/run?sweep=${id}`, {
      ...STILL,
      ...look,
      storageState,
    });
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    await page.locator('.consent .button-main').click();
    await page.locator('.show canvas').first().scrollIntoViewIfNeeded();
    await page.getByText(/^(The residues lie on a circle|Die Reste liegen auf einem Kreis)/).waitFor();
    await page.evaluate(() => scrollTo(0, 0));
    await take(page, name);
    await context.close();
  }
}

mkdirSync(folder, { recursive: true });
const browser = await launchBrowser();
await withServer({}, async (server) => {
  const { id } = await post(server, demo());
  const kept = await finishDemo(browser, server, id);
  await takePages(browser, server, id, kept);
  await takeRun(browser, server, kept);
});
await browser.close();
