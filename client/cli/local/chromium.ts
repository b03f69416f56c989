import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { hasDebianPackages, installFromDebian, isExecutable } from './install-browser.ts';
import { runTool } from './processes.ts';
import { Refusal } from './refusal.ts';

/** Flags for tests: WebGPU without a graphics card, and no traffic of the browser's own. */
export const chromiumFlags = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

const usualPlaces: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'],
  darwin: [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].map((name) =>
    join(process.env[name] ?? '', 'Google', 'Chrome', 'Application', 'chrome.exe'),
  ),
};

const playwrightCaches: Partial<Record<NodeJS.Platform, string>> = {
  linux: join(homedir(), '.cache', 'ms-playwright'),
  darwin: join(homedir(), 'Library', 'Caches', 'ms-playwright'),
  win32: join(process.env.LOCALAPPDATA ?? '', 'ms-playwright'),
};

const insideCache = [
  ['chrome-linux', 'chrome'],
  ['chrome-linux64', 'chrome'],
  ['chrome-mac', 'Chromium.app', 'Contents', 'MacOS', 'Chromium'],
  ['chrome-mac-arm64', 'Google Chrome for Testing.app', 'Contents', 'MacOS', 'Google Chrome for Testing'],
  ['chrome-mac-x64', 'Google Chrome for Testing.app', 'Contents', 'MacOS', 'Google Chrome for Testing'],
  ['chrome-win', 'chrome.exe'],
  ['chrome-win64', 'chrome.exe'],
];

function fromPlaywright(): string[] {
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? playwrightCaches[process.platform];
  if (!cache || !existsSync(cache)) return [];
  const builds = readdirSync(cache).filter((name) => /^chromium-\d+$/.test(name));
  const newestFirst = builds.sort((a, b) => Number(b.slice(9)) - Number(a.slice(9)));
  return newestFirst.flatMap((build) => insideCache.map((parts) => join(cache, build, ...parts)));
}

/** The browser to test with: CHROMIUM_PATH, an installed one, or Playwright's; null when there is none. */
export function findChromium({ usual = usualPlaces[process.platform] ?? [] } = {}): string | null {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) return isExecutable(chosen) ? chosen : null;
  const candidates = [...usual, ...fromPlaywright()];
  return candidates.find(isExecutable) ?? null;
}

/** Installs Chromium where there is none; throws with what to do where that cannot be done. */
export async function ensureChromium(say: (line: string) => void): Promise<string> {
  const found = findChromium();
  if (found) return found;
  const { CHROMIUM_PATH } = process.env;
  if (CHROMIUM_PATH) throw new Refusal(`CHROMIUM_PATH is set to ${CHROMIUM_PATH}, which cannot be run.`);
  if (hasDebianPackages()) {
    say('Installing Chromium for the tests, from Debian (about 100 MB) ...');
    installFromDebian(['chromium', 'fonts-liberation'], say);
  } else {
    say('Installing Chromium for the tests, from Playwright ...');
    await runTool('playwright-core', ['install', 'chromium']);
  }
  const installed = findChromium();
  if (installed) return installed;
  throw new Refusal(
    'The tests need Chromium, which could not be installed. Install it yourself (Debian: apt-get install chromium)' +
      ' or point CHROMIUM_PATH at a Chromium or Chrome, then run the same command again.',
  );
}
