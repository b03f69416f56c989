// What is a volunteer's: the work and where it is seen, another device, a team, the boards, and the way out.
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BELONGING } from '../../client/words/belonging.ts';
import type { ContributorsReply, ExportReply, TeamReply } from '../../shared/volunteers.ts';
import { launchBrowser, openServer, type Server, visit } from './harness.ts';
import { contributed, creditOf, identityOf, kept, post, read, seeds, spec, start, stop } from './steps.ts';

let browser: Browser;
let server: Server;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), openServer()]);
});
afterAll(async () => {
  await Promise.all([browser.close(), server.remove()]);
});

const { me: say } = BELONGING.en;
const NAME = 'Ada Lovelace';
const body = spec({ parameters: seeds(2), train: { steps: 400 } });
const credit = 2 * creditOf(body);

async function get<T>(path: string): Promise<T> {
  return (await fetch(server.url + path)).json() as Promise<T>;
}

/** The number beside its name on the page. */
const fact = (page: Page, name: string) =>
  page.locator('dt', { hasText: new RegExp(`^${name}$`) }).locator('xpath=following-sibling::dd[1]');

/** Two runs under a name, accepted. */
async function trains(page: Page): Promise<void> {
  await page.getByLabel('Display name, optional').fill(NAME);
  await start(page);
  await page.getByText('Finished on this visit: 2 runs, 2 accepted').waitFor();
  await stop(page);
  await expect.poll(() => contributed(server), { timeout: 20_000 }).toMatchObject({ runs: 2, credit });
}

/** Opens what was copied on another device, as somebody who is nobody there yet. */
async function elsewhere(link: string) {
  const visited = await visit(browser, link);
  // A secret is not left in the address.
  await expect.poll(() => visited.page.url()).not.toContain('#');
  return visited;
}

async function expectOnFigures(page: Page, id: string): Promise<void> {
  await page.getByRole('link', { name: 'your runs are these dots: A short journey' }).click();
  await page.waitForURL(`${server.url}/sweeps/${id}#curves`);
  await page.getByRole('img', { name: /2 of all these yours and marked with a ring/ }).waitFor();
}

const trainedBy = async (id: string) => (await read(server, id)).runs.map(({ volunteer }) => volunteer);

test('work is seen on the own page and on the figures, moves along, counts for a team and a board, and all of it can go', async () => {
  const { id } = await post(server, body);
  const { page, context, problems } = await visit(browser, `${server.url}/run`);
  await trains(page);

  await page.getByText(`This browser is known as ${NAME}.`).waitFor();
  await page.getByRole('link', { name: 'Your page' }).click();
  await expect.poll(() => fact(page, 'accepted runs, all time').textContent()).toBe('2');
  expect(await fact(page, 'accepted runs, last 30 days').textContent()).toBe('2');
  await page.getByText('Nothing was refused.').waitFor();
  await page.getByText('First run', { exact: true }).waitFor();
  await expectOnFigures(page, id);

  await page.goto(`${server.url}/certificate`);
  await page.getByRole('heading', { name: 'Certificate of contribution' }).waitFor();
  await page.getByText(NAME).first().waitFor();

  await page.goto(`${server.url}/me`);
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = await page.getByLabel('Link for the other device').inputValue();
  const other = await elsewhere(link);
  await other.page.getByRole('button', { name: 'Move in', exact: true }).click();
  await other.page.getByText(`This browser is now ${NAME}.`).waitFor();
  await expect.poll(() => fact(other.page, 'accepted runs, all time').textContent()).toBe('2');
  // It works once.
  const late = await elsewhere(link);
  await late.page.getByRole('button', { name: 'Move in', exact: true }).click();
  await late.page.getByText(/^This link was used already/).waitFor();
  await late.context.close();

  const { volunteerId, token } = await identityOf(page);
  const downloading = other.page.waitForEvent('download');
  await other.page.getByRole('button', { name: 'Download what is yours (JSON)' }).click();
  const file = await (await downloading).path();
  const exported = JSON.parse(readFileSync(file, 'utf8')) as ExportReply;
  expect(exported).toMatchObject({ volunteerId, name: NAME, accepted: { runs: 2, credit } });
  expect(exported.runs[0]).toMatchObject({ sweepId: id, runs: [{ run: 0 }, { run: 1 }] });

  await page.getByLabel('Name of a new team').fill('Analysts');
  await page.getByRole('button', { name: 'Found a team' }).click();
  const teamPath = (await page.getByRole('link', { name: 'Analysts' }).getAttribute('href')) ?? '';
  const friend = await elsewhere(await page.getByLabel('Invitation').inputValue());
  await friend.page.getByRole('button', { name: 'Join', exact: true }).click();
  await friend.page.getByText('You are in Analysts now.').waitFor();
  expect(await get<TeamReply>(`/api${teamPath}`)).toMatchObject({ members: 2, listed: [] });

  const named = async () =>
    (await get<ContributorsReply>('/api/contributors')).allTime.volunteers.map(({ volunteer }) => volunteer);
  expect(await named()).toEqual([]);
  expect((await trainedBy(id)).map((name) => name?.split(' ')[0])).toEqual(['anonymous', 'anonymous']);
  await page.getByLabel(say.who.listed).click();
  await page.getByText(say.who.isListed).waitFor();
  expect(await named()).toEqual([NAME]);
  expect(await trainedBy(id)).toEqual([NAME, NAME]);
  await friend.page.goto(`${server.url}/boards`);
  await friend.page
    .getByRole('row', { name: new RegExp(`^${NAME}`) })
    .first()
    .waitFor();

  await page.getByRole('button', { name: 'Delete it for good …' }).click();
  await page.getByLabel('Type delete to delete').fill('delete');
  await page.getByRole('button', { name: 'Delete it for good', exact: true }).click();
  await page.getByText('The volunteer is deleted, here and on the server.').waitFor();
  expect(await kept(page, 'tabgrad.volunteer')).toBeNull();
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(`${server.url}/api/me`, { headers })).status).toBe(401);
  await expectGone(friend.page, id, teamPath);
  await other.page.reload();
  await other.page.getByText(/^The server does not know this volunteer any more/).waitFor();
  expect(problems).toEqual([]);
  await Promise.all([context, other.context, friend.context].map((one) => one.close()));
});

/** Nowhere in public is the name; the curves are. */
async function expectGone(page: Page, id: string, teamPath: string): Promise<void> {
  expect((await read(server, id)).curves.length).toBe(2);
  expect(await trainedBy(id)).not.toContain(NAME);
  for (const path of ['/boards', teamPath, `/sweeps/${id}`, `/sweeps/${id}/runs/0`]) {
    await page.goto(server.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    expect(await page.getByText(NAME).count(), path).toBe(0);
  }
  expect(await get<TeamReply>(`/api${teamPath}`)).toMatchObject({ members: 1 });
}
