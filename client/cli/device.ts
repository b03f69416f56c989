// Which device this terminal is. One that was killed is the same device when it is started again, and goes on with what
// it had in hand; two at once are two devices.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { birthOf } from './local/processes.ts';

export interface TerminalDevice {
  deviceId: string;
  /** Where it keeps what it has in hand. */
  folder: string;
  release(): void;
}

const DEVICES_MAX = 256;
const DEVICE_ID = /^[0-9a-f]{32}$/;

const lockOf = (pid: number): string => JSON.stringify({ pid, birth: birthOf(pid) });

/** The first device below the folder that no other terminal is. Throws as the file system does. */
export function claimDevice(folder: string): TerminalDevice {
  for (let number = 1; number <= DEVICES_MAX; number++) {
    const own = join(folder, `device-${number}`);
    mkdirSync(own, { recursive: true });
    const lock = join(own, 'lock');
    if (!claims(lock)) continue;
    const release = () => {
      if (textOf(lock) === lockOf(process.pid)) rmSync(lock, { force: true });
    };
    return { deviceId: idIn(join(own, 'device-id')), folder: own, release };
  }
  throw new Error(`${DEVICES_MAX} terminals work for this server already`);
}

function claims(lock: string): boolean {
  const claim = textOf(lock);
  if (claim !== null && isAlive(claim)) return false;
  if (claim !== null) rmSync(lock, { force: true });
  try {
    writeFileSync(lock, lockOf(process.pid), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  // Another terminal may have taken our claim for the stale one.
  return textOf(lock) === lockOf(process.pid);
}

function isAlive(claim: string): boolean {
  try {
    const { pid } = JSON.parse(claim) as { pid: number };
    return lockOf(pid) === claim && birthOf(pid) !== null;
  } catch {
    return false;
  }
}

/** Written down before it is first used. */
function idIn(path: string): string {
  const kept = textOf(path) ?? '';
  if (DEVICE_ID.test(kept)) return kept;
  const deviceId = randomBytes(16).toString('hex');
  writeFileSync(path, deviceId);
  return deviceId;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
