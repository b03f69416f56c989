// Firefox for the tests: not every machine gets one, and then they are skipped.

import { join } from 'node:path';
import { hasDebianPackages, installFromDebian, isExecutable } from './install-browser.ts';
import { Refusal } from './refusal.ts';

const usualPlaces: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ['/usr/bin/firefox-esr', '/usr/lib/firefox/firefox', '/usr/bin/firefox', '/snap/bin/firefox'],
  darwin: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].map((name) =>
    join(process.env[name] ?? '', 'Mozilla Firefox', 'firefox.exe'),
  ),
};

/** The Firefox to test with: FIREFOX_PATH or an installed one; null when there is none. */
export function findFirefox({ usual = usualPlaces[process.platform] ?? [] } = {}): string | null {
  const chosen = process.env.FIREFOX_PATH;
  if (chosen) return isExecutable(chosen) ? chosen : null;
  return usual.find(isExecutable) ?? null;
}

/** Installs Firefox where there is none and that can be done; says what is skipped where it cannot. */
export function ensureFirefox(say: (line: string) => void): void {
  if (findFirefox()) return;
  const { FIREFOX_PATH } = process.env;
  if (FIREFOX_PATH) throw new Refusal(`FIREFOX_PATH is set to ${FIREFOX_PATH}, which cannot be run.`);
  if (hasDebianPackages()) {
    say('Installing Firefox for the tests, from Debian (about 80 MB) ...');
    installFromDebian(['firefox-esr'], say);
  }
  if (findFirefox()) return;
  say(
    'NO FIREFOX: the tests of it are skipped. Install it (Debian: apt-get install firefox-esr) or point FIREFOX_PATH' +
      ' at one to run them too.',
  );
}
