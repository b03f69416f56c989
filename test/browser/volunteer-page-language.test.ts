// The pages for volunteers in another language, by choice and by what the browser asks for.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BELONGING } from '../../client/words/belonging.ts';
import { de } from '../../client/words/de/index.ts';
import { en } from '../../client/words/en/index.ts';
import { LENDING } from '../../client/words/lending.ts';
import { launchBrowser, openServer, type Server, visit } from './harness.ts';
import { post, seeds, spec } from './steps.ts';

let browser: Browser;
let server: Server;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), openServer()]);
});
afterAll(async () => {
  await Promise.all([browser.close(), server.remove()]);
});

/** Of whole sentences only: short words may be the same, or part of others. */
const LONG = 12;

/** English words that are others in German. */
function untranslated(english: unknown, german: unknown): string[] {
  if (typeof english === 'string')
    return english !== german && english.length >= LONG ? [english.trim()] : [];
  if (typeof english !== 'object' || english === null) return [];
  return Object.entries(english).flatMap(([key, words]) =>
    untranslated(words, (german as Record<string, unknown>)[key]),
  );
}

const ENGLISH = untranslated(
  { ...en, ...LENDING.en, ...BELONGING.en },
  { ...de, ...LENDING.de, ...BELONGING.de },
);
const englishOn = async (page: Page) => {
  const text = (await page.locator('body').innerText()).replaceAll(/\s+/g, ' ');
  return ENGLISH.filter((words) => text.includes(words));
};
const languageOf = (page: Page) => page.evaluate(() => document.documentElement.lang);
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

test('German is chosen, stays through a reload, and is all that the pages for volunteers speak', async () => {
  expect(ENGLISH.length).toBeGreaterThan(200);
  await post(server, spec({ parameters: seeds(2) }));
  const { page, context, problems } = await visit(browser, `${server.url}/run`);
  await heading(page, LENDING.en.run.title);
  expect((await englishOn(page)).length).toBeGreaterThan(5);
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await heading(page, LENDING.de.run.title);
  await page.reload();
  await heading(page, LENDING.de.run.title);
  await page.getByRole('button', { name: 'Deutsch', pressed: true }).waitFor();

  const { me, privacy, teams } = BELONGING.de;
  const pages: [path: string, title: string][] = [
    ['/', de.home.question],
    ['/run', LENDING.de.run.title],
    ['/me', me.title],
    ['/privacy', privacy.title],
    ['/certificate', me.certificate.title],
    [`/teams/${'0'.repeat(32)}`, teams.missing],
    [`/teams/join#${'0'.repeat(32)}`, teams.join.title],
  ];
  for (const [path, title] of pages) {
    await page.goto(server.url + path);
    await heading(page, title);
    await page.waitForLoadState('networkidle');
    expect(await languageOf(page), path).toBe('de');
    expect(await page.locator('main').getAttribute('lang'), path).toBeNull();
    expect(await englishOn(page), path).toEqual([]);
  }
  // Pages for researchers are in English, and say so to screen readers.
  await page.goto(`${server.url}/sweeps`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await page.locator('main').getAttribute('lang')).toBe('en');
  expect(problems.filter((problem) => !problem.includes('404'))).toEqual([]);
  await context.close();
});

test('a German browser is spoken to in German, while it trains too', async () => {
  const { page, context, problems } = await visit(browser, `${server.url}/run`, { locale: 'de-AT' });
  await heading(page, LENDING.de.run.title);
  await page.getByRole('button', { name: LENDING.de.consent.start.first }).click();
  await page.getByRole('region', { name: LENDING.de.run.inHand }).locator('canvas').first().waitFor();
  await page
    .getByRole('log', { name: LENDING.de.run.log })
    .getByText(/memoriert|auswendig/)
    .first()
    .waitFor();
  expect(await englishOn(page)).toEqual([]);
  await page.getByRole('button', { name: LENDING.de.run.pause }).click();
  await page.getByRole('button', { name: LENDING.de.run.resume }).waitFor();
  await page.reload();
  await page.getByText(LENDING.de.run.before.title).first().waitFor();
  expect(await englishOn(page)).toEqual([]);
  await page.getByRole('button', { name: LENDING.de.run.stop }).click();
  await page.getByRole('button', { name: LENDING.de.consent.start.known }).waitFor();
  expect(problems).toEqual([]);
  await context.close();
});
