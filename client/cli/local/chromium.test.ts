import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { ensureChromium, findChromium } from './chromium.ts';

afterEach(() => vi.unstubAllEnvs());

test('CHROMIUM_PATH is the browser, or there is none', async () => {
  vi.stubEnv('CHROMIUM_PATH', process.execPath);
  expect(findChromium()).toBe(process.execPath);
  vi.stubEnv('CHROMIUM_PATH', '/nowhere/chromium');
  expect(findChromium()).toBeNull();
  await expect(ensureChromium(() => {})).rejects.toThrow('/nowhere/chromium, which cannot be run');
});

test.runIf(process.platform === 'linux')(
  'Playwright’s newest build serves where nothing else is installed',
  () => {
    const cache = mkdtempSync(join(tmpdir(), 'tabgrad-'));
    const builds = ['chromium-999', 'chromium-1200', 'firefox-1500'].map((build) =>
      join(cache, build, 'chrome-linux64', 'chrome'),
    );
    for (const path of builds) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, '');
      chmodSync(path, 0o755);
    }
    vi.stubEnv('PLAYWRIGHT_BROWSERS_PATH', cache);
    vi.stubEnv('CHROMIUM_PATH', '');
    expect(findChromium({ usual: [] })).toBe(builds[1]);
    rmSync(cache, { recursive: true });
  },
);
