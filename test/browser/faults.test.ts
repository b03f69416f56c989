// What the way to the server, the server itself and its next version do to a tab at work.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MeReply } from '../../shared/volunteers.ts';
import { launchBrowser, openServer, type Server, visit } from './harness.ts';
import {
  creditOf,
  engineOf,
  knowing,
  post,
  read,
  seeds,
  spec,
  start,
  stop,
  untilFinished,
  untilStep,
} from './steps.ts';
import { type Fate, type Heard, type Wire, withWire } from './wire.ts';

let browser: Browser;
let server: Server;
/** As the first visit has chosen it: the others do not measure again. */
let engine: string | null = null;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), openServer()]);
});
afterAll(async () => {
  await Promise.all([browser.close(), server.remove()]);
});

const sweep = (name: string, runs = 2) => spec({ name, parameters: seeds(runs), train: { steps: 2000 } });

async function visitBy({ url }: Pick<Wire, 'url'>) {
  return visit(browser, `${url}/run`, engine ? knowing(url, engine) : {});
}

async function startKnowing(page: Page): Promise<void> {
  await start(page);
  engine ??= await engineOf(page);
}

const delivers = ({ asked }: Pick<Heard, 'asked'>) => asked.results.length > 0;
const leases = (exchanges: readonly Heard[]) => exchanges.flatMap(({ told }) => told?.lease ?? []);

/** Everything is finished, by the page's volunteer, who has credit for every run and for nothing else. */
async function expectCounted(id: string, page: Page): Promise<void> {
  const { runs } = await read(server, id);
  expect(runs.map(({ state, segments }) => [state, segments])).toEqual(runs.map(() => ['finished', 1]));
  const [name] = new Set(runs.map(({ volunteer }) => volunteer));
  expect(runs.every(({ volunteer }) => volunteer === name)).toBe(true);
  const { token } = JSON.parse(
    (await page.evaluate(() => localStorage.getItem('tabgrad.volunteer'))) ?? '',
  ) as { token: string };
  const accepted = async () => {
    const reply = await fetch(`${server.url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
    return ((await reply.json()) as MeReply).accepted;
  };
  const credit = runs.length * creditOf(sweep('any'));
  await expect.poll(accepted, { timeout: 20_000 }).toEqual({ runs: runs.length, credit });
}

test('the server loses its power as a finished run arrives and the tab is closed: the next visit delivers it', async () => {
  await withWire(server.url, async (wire) => {
    const { id } = await post(server, sweep('power', 1));
    const { page, context } = await visitBy(wire);
    let cut: Promise<void> | null = null;
    wire.fateOf = async (asked): Promise<Fate> => {
      if (!delivers({ asked })) return 'pass';
      cut ??= server.kill();
      await cut;
      return 'pass';
    };
    await startKnowing(page);
    await page
      .getByText(/Finished work is kept/)
      .first()
      .waitFor();
    await page.close();
    await server.restart();
    expect((await read(server, id)).sweep.finishedRuns).toBe(0);

    const heard = wire.exchanges.length;
    const later = await context.newPage();
    await later.goto(`${wire.url}/run`);
    await start(later);
    await later
      .getByText(/^Finished on this visit: .+ 1 accepted/)
      .first()
      .waitFor();
    await untilFinished(server, id, 1);
    expect(leases(wire.exchanges.slice(heard))).toEqual([]);
    await expectCounted(id, later);
    await context.close();
  });
});

test('Stop while the server turns to a newer version: the page is loaded anew, says what waits, and starts nothing', async () => {
  await withWire(server.url, async (wire) => {
    const { id } = await post(
      server,
      spec({ name: 'stopped', parameters: seeds(1), train: { steps: 15_000 } }),
    );
    const { page, context } = await visitBy(wire);
    await startKnowing(page);
    await untilStep(page, 2000);
    wire.fateOf = () => 'outdated';
    const loaded = page.waitForEvent('load');
    await page.getByRole('button', { name: 'Stop' }).click();
    await loaded;
    wire.fateOf = () => 'pass';
    const heard = wire.exchanges.length;
    await page.getByText('1 finished result waits to be sent.').waitFor();
    await page.getByText('Start sends it.').waitFor();
    // Long enough for a page that goes on by itself to take a unit.
    await page.waitForTimeout(3000);
    expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
    expect(wire.exchanges.length).toBe(heard);
    expect((await read(server, id)).runs[0]).toMatchObject({ segments: 0 });

    await start(page);
    const log = page.getByRole('log');
    await log.getByText(/^.*Run 0 got to step [\d,]+; any device can go on from there/).waitFor();
    const words = await log.getByText(/Going on with run 0 of ".+" from step/).textContent();
    const from = Number(/from step ([\d,]+)/.exec(words ?? '')?.[1]?.replaceAll(',', ''));
    expect(from).toBeGreaterThanOrEqual(2000);
    expect(await untilStep(page, 1)).toBeGreaterThanOrEqual(from);
    await page.getByText(/^Gone on from step [\d,]+, kept on this device\.$/).waitFor();
    // Long before the first evaluation from there on: it was memorised before the reload.
    const tMem = page.locator('dt', { hasText: /tMem$/ }).locator('xpath=following-sibling::dd[1]');
    expect(Number(await tMem.textContent())).toBeLessThan(1000);
    expect((await read(server, id)).runs[0]).toMatchObject({ segments: 1, step: from });
    await untilFinished(server, id, 1);
    await stop(page);
    await context.close();
  });
});

test('answers are lost, of a lease and of a delivery: the same unit comes again, and nothing counts twice', async () => {
  await withWire(server.url, async (wire) => {
    const { id } = await post(server, sweep('lost'));
    const { page, context } = await visitBy(wire);
    const lost: Heard['asked'][] = [];
    wire.fateOf = (asked) => {
      const isNext = lost.length === 0 ? asked.wantsUnit : lost.length === 1 && delivers({ asked });
      if (isNext) lost.push(asked);
      return isNext ? 'lose' : 'pass';
    };
    await startKnowing(page);
    await page
      .getByText(/^Finished on this visit: .+ 2 accepted/)
      .first()
      .waitFor();
    expect(lost).toHaveLength(2);
    const [first, second] = leases(wire.exchanges);
    expect(second).toEqual(first);
    const [unheard, heard] = wire.exchanges.filter(delivers);
    expect(unheard?.told?.verdicts.map(({ verdict }) => verdict)).toContain('accepted');
    expect(heard?.asked.results.slice(0, unheard?.asked.results.length)).toEqual(unheard?.asked.results);
    expect(heard?.told?.verdicts.slice(0, unheard?.told?.verdicts.length)).toEqual(unheard?.told?.verdicts);
    await untilFinished(server, id, 2);
    await expectCounted(id, page);
    await context.close();
  });
});

test('a server that speaks a newer version: the tab loads the page anew once, goes on, and does not do so in circles', async () => {
  await withWire(server.url, async (wire) => {
    const [one, other] = [await post(server, sweep('renewed')), await post(server, sweep('outdated'))];
    const { page, context } = await visitBy(wire);
    // From the first delivery for a sweep on, until the page is loaded anew.
    let isOutdated = false;
    const begun = new Set<string>();
    wire.fateOf = ({ results: [result] }) => {
      if (result && !begun.has(result.sweepId)) {
        begun.add(result.sweepId);
        isOutdated = true;
      }
      return isOutdated ? 'outdated' : 'pass';
    };
    let loads = 0;
    page.on('load', () => {
      loads++;
      isOutdated = false;
    });
    await startKnowing(page);
    await page
      .getByRole('log')
      .getByText('A newer version of this page was loaded; training goes on')
      .waitFor();
    await page
      .getByText(/^The server has a newer version of this page, and loading/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: /^Start/ }).waitFor();
    expect([begun.size, loads]).toEqual([2, 1]);
    const finished = async () =>
      (await Promise.all([one, other].map(({ id }) => read(server, id)))).map(
        (reply) => reply.sweep.finishedRuns,
      );
    expect((await finished()).toSorted()).toEqual([0, 2]);

    isOutdated = false;
    await start(page);
    await Promise.all([one, other].map(({ id }) => untilFinished(server, id, 2)));
    expect(await finished()).toEqual([2, 2]);
    await stop(page);
    expect(loads).toBe(1);
    await context.close();
  });
});
