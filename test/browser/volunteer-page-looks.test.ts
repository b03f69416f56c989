// The volunteer's page in all its states, as it looks: for whoever cannot see it, on a phone, in the dark, in German.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LENDING, type Lending } from '../../client/words/lending.ts';
import { launchBrowser, openServer, type Server, visit } from './harness.ts';
import { expectGoodLooks, LOOKS } from './looks.ts';
import { post, seeds, spec } from './steps.ts';

let browser: Browser;
let server: Server;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), openServer()]);
  await post(server, spec({ parameters: seeds(40), train: { steps: 100_000 } }));
});
afterAll(async () => {
  await Promise.all([browser.close(), server.remove()]);
});

type Looked = (state: string, page: Page) => Promise<void>;
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** Before training: consent, and every setting. */
async function before(page: Page, say: Lending, looked: Looked): Promise<void> {
  await button(page, say.consent.start.first).waitFor();
  await page.waitForLoadState('networkidle');
  await looked('consent', page);
  await page.getByRole('heading', { name: say.settings.title }).click();
  await page.getByLabel(say.settings.hours.only).check();
  await looked('settings', page);
  await page.getByLabel(say.settings.hours.only).uncheck();
}

/** While it trains, is paused, and rests outside of its hours. */
async function during(page: Page, say: Lending, looked: Looked): Promise<void> {
  await button(page, say.consent.start.first).click();
  await page.getByRole('region', { name: say.run.inHand }).locator('canvas').first().waitFor();
  await page.getByRole('heading', { name: say.show.inside.title }).scrollIntoViewIfNeeded();
  await page.getByRole('group', { name: say.show.inside.choice }).waitFor();
  await looked('training', page);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: say.settings.keys.title }).waitFor();
  await looked('keys', page);
  await page.keyboard.press('Escape');
  await button(page, say.run.pause).click();
  await button(page, say.run.resume).waitFor();
  await looked('paused', page);
  await button(page, say.run.resume).click();
  await page.getByRole('heading', { name: say.settings.title }).click();
  await page.getByLabel(say.settings.hours.only).check();
  const hours = (name: string) => page.getByRole('combobox', { name, exact: true });
  const hour = await page.evaluate(() => new Date().getHours());
  await hours(say.settings.hours.from).selectOption({ index: (hour + 3) % 24 });
  await hours(say.settings.hours.to).selectOption({ index: (hour + 5) % 24 });
  await page.locator('.resting').getByText(/./).waitFor();
  await looked('resting', page);
}

/** Another tab beside it, a reload while it is paused, and the consent taken back. */
async function after(page: Page, context: BrowserContext, say: Lending, looked: Looked): Promise<void> {
  const other = await context.newPage();
  await other.goto(`${server.url}/run`);
  await button(other, say.run.elsewhere.here).waitFor();
  await looked('elsewhere', other);
  await other.close();
  await button(page, say.run.pause).click();
  await page.reload();
  await page.getByRole('heading', { name: say.run.before.title }).waitFor();
  await looked('paused before', page);
  await button(page, say.consent.withdraw).click();
  await page.getByRole('heading', { name: say.consent.withdrawn.title }).waitFor();
  await looked('withdrawn', page);
}

for (const look of [LOOKS[0], { ...LOOKS[3], colorScheme: 'dark' as const }]) {
  const { colorScheme, viewport, locale } = look;
  test(`the volunteer's page is accessible and fits in every state: ${colorScheme}, ${viewport.width} px, ${locale}`, async () => {
    const { page, context, problems } = await visit(browser, `${server.url}/run`, look);
    const looked: Looked = (state, on) => expectGoodLooks(on, state);
    const say = LENDING[locale === 'de-DE' ? 'de' : 'en'];
    await before(page, say, looked);
    await during(page, say, looked);
    await after(page, context, say, looked);
    expect(problems).toEqual([]);
    await context.close();
  });
}
