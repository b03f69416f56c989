// The volunteer's pages by keyboard alone: nothing here touches a pointer, and wherever the focus goes is seen.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BELONGING } from '../../client/words/belonging.ts';
import { launchBrowser, openServer, type Server, visit } from './harness.ts';
import { tabTo, untilFocused } from './looks.ts';
import { kept, post, seeds, spec, untilStep } from './steps.ts';

const { me: say } = BELONGING.en;
let browser: Browser;
let server: Server;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), openServer()]);
});
afterAll(async () => {
  await Promise.all([browser.close(), server.remove()]);
});

const long = (name: string) => post(server, spec({ name, parameters: seeds(2), train: { steps: 200_000 } }));

test('consent, slider, pause, settings, single keys, finish and taking over, by keyboard alone', async () => {
  const { id } = await long('keys');
  const { page, context, problems } = await visit(browser, `${server.url}/run?sweep=${id}`);
  const { keyboard } = page;
  await page.getByRole('button', { name: 'Agree and start' }).waitFor();
  await tabTo(page, /^Share of the time/);
  await keyboard.press('End');
  await keyboard.press('ArrowLeft');
  expect(await page.getByRole('slider', { name: 'Share of the time' }).inputValue()).toBe('95');
  await tabTo(page, /^Display name/);
  // Letters are written here, not obeyed.
  await keyboard.type('spfx');
  await tabTo(page, /^Agree and start$/);
  await keyboard.press('Enter');
  await untilFocused(page, /^Pause$/);
  await untilStep(page, 50);

  await keyboard.press('Enter');
  await untilFocused(page, /^Resume$/);
  await keyboard.press('p');
  await untilFocused(page, /^Pause$/);
  await keyboard.press('-');
  await keyboard.press('-');
  await expect.poll(() => page.getByRole('slider', { name: 'Share of the time' }).inputValue()).toBe('85');

  await tabTo(page, /^Settings$/);
  await keyboard.press('Enter');
  await tabTo(page, /^Only at certain hours/);
  await keyboard.press('Space');
  await page.getByRole('combobox', { name: 'From', exact: true }).waitFor();
  await keyboard.press('Space');
  await tabTo(page, /^train as ever/);
  await keyboard.press('ArrowDown');
  expect(JSON.parse((await kept(page, 'tabgrad.settings')) ?? '{}')).toMatchObject({
    ...{ duty: 85, hours: null, hidden: 'slow' },
  });
  await tabTo(page, /^Keyboard shortcuts$/);
  await keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Keys' });
  await dialog.waitFor();
  await keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await untilFocused(page, /^Keyboard shortcuts$/);
  await keyboard.press('?');
  await tabTo(page, /^Single keys control this page/);
  await keyboard.press('Space');
  await keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  // Off: the keys do nothing any more.
  await keyboard.press('p');
  await keyboard.press('s');
  const reached = await untilStep(page, 1);
  await untilStep(page, reached + 1);
  expect(await page.getByRole('button', { name: 'Resume' }).count()).toBe(0);

  await tabTo(page, /^Withdraw my consent$/, 'Shift+Tab');
  await tabTo(page, /^Finish these 2 runs$/, 'Shift+Tab');
  await tabTo(page, /^Stop$/, 'Shift+Tab');
  await keyboard.press('Enter');
  await untilFocused(page, /^Start( again)?$/);
  expect(problems).toEqual([]);
  await context.close();
});

test('a second tab takes over by keyboard', async () => {
  const { id } = await long('over');
  const { page, context } = await visit(browser, `${server.url}/run?sweep=${id}`);
  await page.getByRole('button', { name: 'Agree and start' }).waitFor();
  await tabTo(page, /^Agree and start$/);
  await page.keyboard.press('Enter');
  await untilStep(page, 10);
  const other = await context.newPage();
  await other.goto(`${server.url}/run?sweep=${id}`);
  await other.getByRole('button', { name: 'Train here instead' }).waitFor();
  await tabTo(other, /^Train here instead$/);
  await other.keyboard.press('Enter');
  await untilStep(other, 10);
  await untilFocused(other, /^Pause$/);
  await context.close();
});

test('name, move, team and delete by keyboard: each asks before it is too late, and Escape means no', async () => {
  const { page, context, problems } = await visit(browser, `${server.url}/teams/join#${'0'.repeat(32)}`);
  const { keyboard } = page;
  // Whoever tries to join becomes somebody, without training.
  await page.getByRole('button', { name: 'Join' }).waitFor();
  await tabTo(page, /^Join$/);
  await keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  await page.goto(`${server.url}/me`);
  await page.getByRole('heading', { name: 'Who you are' }).waitFor();

  await tabTo(page, /^Display name/);
  await keyboard.type('Kay Board');
  await keyboard.press('Enter');
  await page.getByText('The name is kept.').waitFor();
  await tabTo(page, new RegExp(`^${say.who.listed}`));
  await keyboard.press('Space');
  await page.getByText(say.who.isListed).waitFor();
  await tabTo(page, /^Name of a new team/);
  await keyboard.type('Typists');
  await keyboard.press('Enter');
  await page.getByText('The team is founded, and you are in it.').waitFor();
  await tabTo(page, /^Make a link$/);
  await keyboard.press('Enter');
  await page.getByLabel('Link for the other device').waitFor();
  await tabTo(page, /^Link for the other device/, 'Shift+Tab');

  const asking = page.getByRole('dialog');
  for (const name of [/^Forget it on this device …$/, /^Delete it for good …$/]) {
    await tabTo(page, name);
    await keyboard.press('Enter');
    await asking.waitFor();
    await keyboard.press('Escape');
    await asking.waitFor({ state: 'hidden' });
    await untilFocused(page, name);
  }
  await keyboard.press('Enter');
  await asking.waitFor();
  await tabTo(page, /^Type delete to delete/);
  await keyboard.type('delete');
  await keyboard.press('Enter');
  await page.getByText('The volunteer is deleted, here and on the server.').waitFor();
  expect(await kept(page, 'tabgrad.volunteer')).toBeNull();
  // The invitation to no team is answered 404, which the console notes.
  expect(problems.filter((problem) => !problem.includes('404'))).toEqual([]);
  await context.close();
});
