// How a page is there for everybody: what axe finds, whether it fits, where the keyboard goes and whether that is seen.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds on the page, as "rule: element". */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: axe has put itself there.
    const { violations: found } = await (globalThis as any).axe.run();
    // biome-ignore lint/suspicious/noExplicitAny: see above.
    return found.flatMap(({ id, nodes }: any) => nodes.map(({ target }: any) => `${id}: ${target}`));
  });
}

/** How pages are looked at: each colour scheme, width and language. */
export const LOOKS = [
  { colorScheme: 'light', viewport: { width: 1280, height: 800 }, locale: 'en-GB' },
  { colorScheme: 'dark', viewport: { width: 360, height: 800 }, locale: 'en-GB' },
  { colorScheme: 'dark', viewport: { width: 1280, height: 800 }, locale: 'de-DE' },
  { colorScheme: 'light', viewport: { width: 360, height: 800 }, locale: 'de-DE' },
] as const;

/** By how many pixels the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Expects that nothing is wrong with how the page looks now. */
export async function expectGoodLooks(page: Page, where: string): Promise<void> {
  expect(await overflow(page), `${where}: wider than the window`).toBe(0);
  expect(await violations(page), `${where}: what axe finds`).toEqual([]);
}

interface Focused {
  /** As it is read out, more or less. */
  name: string;
  isSeen: boolean;
}

/** Where the keyboard is. */
const focused = (page: Page): Promise<Focused> =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    if (!element || element === document.body) return { name: '', isSeen: true };
    const { labels } = element as HTMLInputElement;
    const labelled = labels?.length ? [...labels].map((label) => label.textContent).join(' ') : null;
    const name = element.getAttribute('aria-label') ?? labelled ?? element.textContent ?? '';
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    const hasOutline = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0;
    return { name: name.trim().replaceAll(/\s+/g, ' '), isSeen: hasOutline || boxShadow !== 'none' };
  });

const STOPS_MAX = 120;

/** Presses Tab until what has the focus is called so. Whatever has it on the way must show that it does. */
export async function tabTo(page: Page, name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const stops: string[] = [];
  for (let i = 0; i < STOPS_MAX; i++) {
    await page.keyboard.press(key);
    const now = await focused(page);
    stops.push(now.name);
    expect(now.isSeen, `the focus on "${now.name}" is seen`).toBe(true);
    if (name.test(now.name)) return;
  }
  throw new Error(`Tab never came to ${name}, but to: ${stops.join(' | ')}`);
}

/** Waits until the keyboard is on what is called so. */
export const untilFocused = (page: Page, name: RegExp): Promise<void> =>
  expect.poll(async () => (await focused(page)).name, { timeout: 30_000 }).toMatch(name);
