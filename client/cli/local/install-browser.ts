// Browsers of the machine, and Debian's where there are none.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

// Ubuntu's packages of these names are only doors to snaps, which containers cannot open.
const isDebian = (): boolean =>
  existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));

/** Whether packages of Debian can be installed here. */
export const hasDebianPackages = (): boolean => isDebian() && process.getuid?.() === 0;

/** Installs packages; says what went wrong, and throws nothing. */
export function installFromDebian(packages: readonly string[], say: (line: string) => void): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-q'],
    ['install', '-q', '-y', '--no-install-recommends', ...packages],
  ]) {
    const { status, stdout, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8' });
    if (status !== 0)
      say(`apt-get ${args[0]} failed:\n${`${stdout}${stderr}`.trim().split('\n').slice(-5).join('\n')}`);
  }
}
