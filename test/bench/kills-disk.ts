// The same under a disk that fills up: a small file system of its own, and a file that takes all that is left of it.

import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KillEffort, type KillOutcome, settle } from './kills.ts';
import { lostOf } from './kills-check.ts';
import { Crowd } from './kills-crowd.ts';
import type { BenchServer } from './scheduler-server.ts';

const SIZE_MB = 192;
const FULL_MS = 6000;
const RECOVERY_MS = 60_000;
const LOOK_MS = 100;

/** A file system of its own; null where this machine lets nobody mount one. Unmount it. */
export function smallDisk(): { path: string; unmount(): void } | null {
  if (process.platform !== 'linux') return null;
  const path = mkdtempSync(join(tmpdir(), 'tabgrad-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', path]);
  const unmount = () => {
    if (status === 0) spawnSync('umount', ['--lazy', path]);
    rmSync(path, { recursive: true, force: true });
  };
  if (status === 0) return { path, unmount };
  unmount();
  return null;
}

export interface DiskOutcome extends Omit<KillOutcome, 'kills' | 'restartMs'> {
  /** Acknowledgements, and what requests were turned down with, while the disk was full. */
  whileFull: { acknowledgements: number; unanswered: number; codes: Record<string, number>; busy: number };
  /** From the moment there was room again until the next acknowledgement. */
  recoveryMs: number;
}

/** Fills the disk under load, kills the server on it once, makes room again and checks everything. */
export async function measureFullDisk(
  server: BenchServer,
  disk: string,
  effort: Pick<KillEffort, 'clients' | 'sweepRuns' | 'loadMs' | 'finishMs'>,
  tell: (words: string) => void,
): Promise<DiskOutcome> {
  const crowd = new Crowd(server, effort.sweepRuns);
  const { told } = crowd;
  await crowd.gather(effort.clients);
  crowd.start();
  await sleep(effort.loadMs);
  tell('the disk is full');
  const filler = fill(join(disk, 'filler'));
  const before = { ...told.counts, codes: { ...told.codes } };
  for (let ms = 0; ms < FULL_MS; ms += LOOK_MS) {
    filler.topUp();
    await sleep(LOOK_MS);
  }
  const codes = Object.fromEntries(
    Object.entries(told.codes).map(([code, times]) => [code, times - (before.codes[code] ?? 0)]),
  );
  const whileFull = {
    acknowledgements: told.counts.acknowledgements - before.acknowledgements,
    ...{ unanswered: told.counts.lost - before.lost, codes, busy: told.counts.busy - before.busy },
  };
  const { acknowledgements } = told.counts;
  filler.remove();
  tell('there is room again');
  const from = performance.now();
  while (told.counts.acknowledgements === acknowledgements && performance.now() - from < RECOVERY_MS)
    await sleep(LOOK_MS);
  const recoveryMs = performance.now() - from;
  await sleep(effort.loadMs);
  await server.crash();
  told.problems.push(...(await lostOf(server.origin(), told.bySweep())));
  return { ...(await settle(server, crowd, effort.finishMs, tell)), whileFull, recoveryMs };
}

/** A file that takes all the room there is, and whatever becomes free. */
function fill(path: string): { topUp(): void; remove(): void } {
  const file = openSync(path, 'w');
  const topUp = () => {
    for (let bytes = 1024 * 1024; bytes >= 1024; )
      try {
        if (writeSync(file, Buffer.alloc(bytes)) < bytes) bytes /= 2;
      } catch {
        bytes /= 2;
      }
  };
  topUp();
  return {
    topUp,
    remove: () => {
      closeSync(file);
      rmSync(path);
    },
  };
}
