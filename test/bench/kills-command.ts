// npm run bench -- kills [--times N] [--quick]

import { FULL_KILLS, type KillOutcome, LEASE_MS, measureKills } from './kills.ts';
import { type DiskOutcome, measureFullDisk, smallDisk } from './kills-disk.ts';
import { machineOf, record, status } from './record.ts';
import { startBenchServer } from './scheduler-server.ts';

const TIMES = 10;

/** Kills and starves servers of its own and appends what came of it to the results. Returns whether all held. */
export async function benchKills({ times = TIMES }: { times?: number }): Promise<boolean> {
  const machine = machineOf();
  // Leaves by the way that ends the server and removes what it stored.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  status('starting the server');
  const server = await startBenchServer({ leaseMs: LEASE_MS });
  let killed: KillOutcome;
  try {
    killed = await measureKills(server, { ...FULL_KILLS, times }, status);
  } finally {
    await server.stop();
  }
  status('');
  console.log(
    `kill -9, ${killed.kills} times on the same storage; up again in ${Math.round(killed.restartMs)} ms at worst`,
  );
  say(killed);
  record('kills', machine, [{ kind: 'kill -9', ...killed }]);
  const starved = await starve();
  if (!starved)
    console.log('\nA full disk: not tried, as this machine lets nobody mount a small file system');
  else {
    const { whileFull, recoveryMs } = starved;
    console.log('\nA full disk');
    console.log(
      `  while it was full: ${whileFull.acknowledgements} acknowledged, ${whileFull.busy} told busy, ` +
        `${whileFull.unanswered} in vain, turned down: ${JSON.stringify(whileFull.codes)}`,
    );
    console.log(`  the next acknowledgement ${Math.round(recoveryMs)} ms after there was room again`);
    say(starved);
    record('kills', machine, [{ kind: 'full disk', ...starved }]);
  }
  return killed.problems.length === 0 && (starved?.problems.length ?? 0) === 0;
}

async function starve(): Promise<DiskOutcome | null> {
  const disk = smallDisk();
  if (!disk) return null;
  process.once('exit', disk.unmount);
  try {
    const server = await startBenchServer({ leaseMs: LEASE_MS, storeDir: disk.path });
    try {
      return await measureFullDisk(server, disk.path, FULL_KILLS, status);
    } finally {
      await server.stop();
      status('');
    }
  } finally {
    process.off('exit', disk.unmount);
    disk.unmount();
  }
}

function say(o: Omit<KillOutcome, 'kills' | 'restartMs'>): void {
  const { counts } = o;
  console.log(
    `  ${o.clients} clients, ${o.sweeps} sweeps: ${o.acknowledged} runs acknowledged, ${o.finished} finished, ${o.failed} failed\n` +
      `  ${counts.acknowledgements} acknowledgements in all, ${counts.segments} of them segments with a state; ` +
      `${counts.unneeded} unneeded, ${counts.handedBack} handed back, ${counts.vanished} vanished, ${counts.lost} requests in vain\n` +
      `  credit ${o.credit}; audited ${o.audited.runs} runs and ${o.audited.curves} curves`,
  );
  console.log(
    o.problems.length === 0 ? '  nothing lost, nothing counted twice' : `  ${o.problems.length} BROKEN:`,
  );
  for (const problem of o.problems.slice(0, 20)) console.log(`    ${problem}`);
}
