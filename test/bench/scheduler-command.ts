// npm run bench -- scheduler [--quick]

import { machineOf, record, status } from './record.ts';
import { FULL_LOAD, measureLoad, QUICK_LOAD } from './scheduler.ts';
import { type Case, loadLines, loadTargetLines, stampedeLine } from './scheduler-report.ts';
import { startBenchServer } from './scheduler-server.ts';
import { measureStampede } from './scheduler-stampede.ts';

const STAMPEDE = { kind: 'exchange', clients: 1000, sweepRuns: 1_000_000, runsPerUnit: 1 } as const;

/** Loads a server of its own on this machine and appends to the results. */
export async function benchScheduler({ quick = false }: { quick?: boolean }): Promise<void> {
  const effort = quick ? QUICK_LOAD : FULL_LOAD;
  const machine = machineOf();
  console.log(`${machine.cpu}, ${machine.cores} cores; Node ${machine.node}, workerd ${machine.workerd}`);
  // Leaves by the way that ends the server and removes what it stored.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  status('starting the server');
  const server = await startBenchServer();
  try {
    const measured = await measureLoad(server, effort, status);
    status('');
    for (const line of loadLines(measured)) console.log(`  ${line}`);
    record('scheduler', machine, measured);
    const transports = new Set(effort.cases.map(({ transport }: Case) => transport));
    for (const transport of transports) {
      status('kill -9 and everyone at once');
      const stampede = await measureStampede(server, { ...STAMPEDE, transport });
      status('');
      console.log(`\n${stampedeLine(stampede)}`);
      record('scheduler', machine, [stampede]);
    }
    console.log('\nTargets');
    for (const line of loadTargetLines(measured)) console.log(`  ${line}`);
  } finally {
    await server.stop();
  }
}
