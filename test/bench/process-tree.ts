import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second. */
const TICK_MS = 10;

/**
 * Processor time so far of a process (this one unless told) and everything it started that is still there, in
 * milliseconds. Elsewhere than on Linux only this process is known, and NaN is returned for others.
 */
export function treeCpuMs(top = process.pid): number {
  const isThis = top === process.pid;
  if (process.platform !== 'linux') return isThis ? ownCpuMs() : Number.NaN;
  const all = new Map<number, { parent: number; ticks: number }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const fields = statOf(name);
    if (fields)
      all.set(Number(name), { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) });
  }
  const isOurs = (pid: number): boolean => {
    if (pid === top) return true;
    const parent = all.get(pid)?.parent;
    return parent !== undefined && parent > 1 && isOurs(parent);
  };
  // Of itself a process knows better than in ticks.
  const counted = [...all].filter(([pid]) => pid !== process.pid && isOurs(pid));
  return (isThis ? ownCpuMs() : 0) + TICK_MS * counted.reduce((sum, [, { ticks }]) => sum + ticks, 0);
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The fields of a process after its name: state, parent, ...; null when it has ended. */
function statOf(pid: string): string[] | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? null;
  } catch {
    return null;
  }
}
