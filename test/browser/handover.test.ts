// A long run that goes from hand to hand comes out as if one device had trained it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunRecord } from '../../client/cli/run-record.ts';
import { hex } from '../../shared/bytes.ts';
import { CHANNELS, type Channel, encodeCurve } from '../../shared/curve.ts';
import { sha256 } from '../../shared/sha256.ts';
import { launchBrowser, type Server, type Visit, visit, visitFrom, withServer } from './harness.ts';
import {
  contributed,
  creditOf,
  engineOf,
  post,
  read,
  seeds,
  spec,
  start,
  stop,
  tabgrad,
  terminalVolunteer,
  untilKept,
  untilStep,
} from './steps.ts';

const STEPS = 40_000;

let browser: Browser;
let folder: string;
beforeAll(async () => {
  browser = await launchBrowser();
  folder = mkdtempSync(join(tmpdir(), 'tabgrad-handover-'));
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What `tabgrad run` makes of the only run of a sweep: the digests of its curve and of its weights. */
async function uninterrupted(body: unknown): Promise<{ digest: string; weightsDigest: string }> {
  const [from, to] = [join(folder, 'sweep.json'), join(folder, 'whole.jsonl')];
  writeFileSync(from, JSON.stringify(body));
  const { status, output } = await tabgrad(['run', from, '--engine', 'wasm', '--out', to]);
  expect(output).toContain('1 of 1 runs');
  expect(status).toBe(0);
  const { steps, curves, divergedAt, weightsDigest } = JSON.parse(readFileSync(to, 'utf8')) as RunRecord;
  const channels = Object.fromEntries(CHANNELS.map((name) => [name, Float32Array.from(curves[name])]));
  const curve = { steps, channels: channels as Record<Channel, Float32Array>, divergedAt };
  return { digest: hex(sha256(encodeCurve(curve))), weightsDigest };
}

const runOf = async (server: Server, id: string) => (await read(server, id)).runs[0];

/** Trains for a while and stops; returns how the page has chosen to compute. */
async function beginsAndStops(server: Server): Promise<string> {
  const { page, context, problems } = await visit(browser, `${server.url}/run`);
  await start(page);
  await untilStep(page, 2000);
  const engine = await engineOf(page);
  await stop(page);
  expect(problems).toEqual([]);
  await context.close();
  return engine;
}

async function crash({ page, context }: Visit): Promise<void> {
  const crashed = page.waitForEvent('crash');
  await page.goto('chrome://crash').catch(() => undefined);
  await crashed;
  await context.close();
}

test('begun in a tab, gone on with in another that crashes, finished in a terminal: the same bits as in one go', async () => {
  const body = spec({ parameters: seeds(1), train: { steps: STEPS } });
  const whole = uninterrupted(body);
  whole.catch(() => undefined); // heard at the end
  await withServer({}, async (server) => {
    const { id } = await post(server, body);
    const engine = await beginsAndStops(server);
    const first = await runOf(server, id);
    expect(first).toMatchObject({ state: 'waiting', segments: 1 });
    const handedOverAt = first?.step as number;
    expect(handedOverAt).toBeGreaterThanOrEqual(2000);

    const profile = join(folder, 'profile');
    const before = await visitFrom(profile, `${server.url}/run`);
    await before.page.evaluate((kept) => localStorage.setItem('tabgrad.engine', kept), engine);
    await start(before.page);
    const crashedAt = await untilKept(before.page);
    await crash(before);
    expect(await runOf(server, id)).toMatchObject({ segments: 1, step: handedOverAt });

    const again = await visitFrom(profile, `${server.url}/run`);
    await start(again.page);
    const words = await again.page.getByText(/^Gone on from step/).textContent();
    const resumedAt = Number(/step ([\d,]+)/.exec(words ?? '')?.[1]?.replaceAll(',', ''));
    expect(resumedAt).toBeGreaterThan(handedOverAt);
    expect(resumedAt).toBeLessThanOrEqual(crashedAt);
    await untilStep(again.page, resumedAt + 1);
    await stop(again.page);
    await again.context.close();
    const second = await runOf(server, id);
    expect(second).toMatchObject({ state: 'waiting', segments: 2 });
    expect(second?.step).toBeGreaterThan(resumedAt);

    const { status, output } = await terminalVolunteer(server, join(folder, 'terminal'), '--engine', 'wasm');
    expect(output).toContain('1 runs accepted');
    expect(status).toBe(0);
    const last = await runOf(server, id);
    expect(last).toMatchObject({ state: 'finished', engine: 'wasm', segments: 3, ...(await whole) });
    // Three volunteers, whose credit is that of one run.
    const told = { volunteers: 3, runs: 1, credit: creditOf(body) };
    await expect.poll(() => contributed(server), { timeout: 20_000 }).toEqual(told);

    const { page, problems } = await visit(browser, `${server.url}/sweeps/${id}/runs/0`);
    await page.getByText(/^Trained in 3 segments by volunteers in turn; finished/).waitFor();
    expect(problems).toEqual([]);
    await page.context().close();
  });
});
