import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StatusReply } from '../../shared/protocol.ts';
import StatusPage from './StatusPage.tsx';

const HOUR = 3_600_000;
let audits: StatusReply['audits'] = [];
let isDown = false;
const status = () => ({
  ...{
    version: '0.1.0',
    sweeps: 3,
    openSweeps: 1,
    finishedRuns: 12_500,
    failedRuns: 2,
    devicesNow: 4,
    audits,
  },
});
const audit = (agoMs: number, ...problems: string[]) => ({
  ...{ atMs: Date.now() - agoMs, tookMs: 1500, checked: { sweeps: 3, runs: 12_500, curves: 40 }, problems },
});
const box = document.createElement('div');
const text = () => box.textContent ?? '';

beforeEach(() => {
  document.body.append(box);
  isDown = false;
  audits = [];
  vi.stubGlobal('fetch', async () => {
    if (isDown) throw new TypeError('no network');
    return Response.json(status());
  });
});
afterEach(() => {
  act(() => render(null, box));
  box.remove();
  vi.unstubAllGlobals();
});

async function open() {
  act(() => render(<StatusPage />, box));
  await expect.poll(text).toMatch(/The server (is up|did not)/);
}

test('a server without a check says so, and promises nothing', async () => {
  await open();
  expect(text()).toContain('Nobody has looked yet');
  expect(text()).toContain('12,500');
  expect(box.querySelector('table')).toBeNull();
  expect(box.querySelectorAll('dl [id^=p]')).toHaveLength(5);
});

test('a check that found nothing is told with its time and what it looked at', async () => {
  audits = [audit(15 * 60_000), audit(1.25 * HOUR)];
  await open();
  expect(text()).toContain('Yes, as far as the last check saw, 15 minutes ago.');
  const [row] = box.querySelectorAll('tbody tr');
  expect([...(row?.querySelectorAll('td') ?? [])].map((td) => td.textContent)).toEqual([
    '1.5 s',
    '3',
    '12,500',
    '40',
    'nothing broken',
  ]);
});

test('a broken promise stands out and leads to what was promised', async () => {
  audits = [audit(0), audit(HOUR, 'grid-0123abcd: P1: the result of run 7 is lost')];
  await open();
  const notice = box.querySelector('.notice-failure');
  expect(notice?.textContent).toContain('Not as it should be: the checks of the last day found a problem.');
  expect(notice?.textContent).toContain('run 7 is lost, 1 hour ago');
  const target = notice?.querySelector('a')?.getAttribute('href');
  expect(target).toBe('#p1');
  expect(box.querySelector(String(target))?.textContent).toContain('No accepted result is lost.');
});

test('a server that does not answer is not called up, and can be asked again', async () => {
  isDown = true;
  await open();
  expect(text()).toContain('The server did not give an answer just now.');
  expect(box.querySelector('[role=alert]')?.textContent).toContain('cannot be reached');
  isDown = false;
  box.querySelector<HTMLButtonElement>('[role=alert] button')?.click();
  await expect.poll(text).toContain('The server is up.');
  expect(box.querySelector('[role=alert]')).toBeNull();
});
