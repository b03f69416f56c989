import { setTimeout as sleep } from 'node:timers/promises';
import { acceptedBy, enlist } from './scheduler.ts';
import type { Case, Stampede } from './scheduler-report.ts';
import type { BenchServer } from './scheduler-server.ts';
import { SweepSupply } from './scheduler-sweeps.ts';
import { finishedRuns, type Volunteer } from './scheduler-volunteer.ts';

const WORKING_MS = 2000;
const LOOK_MS = 100;
const RETRY_MS = 200;
const GIVE_UP_MS = 60_000;

/** Kills the server under load, starts it again, and lets everyone return with what they hold, all at once. */
export async function measureStampede(server: BenchServer, of: Case): Promise<Stampede> {
  const sweepId = await new SweepSupply(server, of.sweepRuns, `stampede-${of.transport}`).next(1);
  const everyone = await enlist(server, of);
  const working = everyone.map(async (volunteer) => {
    for (;;) await volunteer.exchange(sweepId); // until the connection breaks
  });
  const broken = Promise.allSettled(working);
  await sleep(WORKING_MS);
  // On a busy machine the first results take their time.
  for (let ms = WORKING_MS; acceptedBy(everyone) < of.clients && ms < GIVE_UP_MS; ms += LOOK_MS)
    await sleep(LOOK_MS);
  const restarted = server.crash();
  await broken;
  const restartMs = await restarted;

  let failures = 0;
  const from = performance.now();
  const served = await Promise.all(
    everyone.map(async (volunteer) => {
      while (!(await isServed(volunteer, server.origin(), sweepId))) {
        failures++;
        if (performance.now() - from > GIVE_UP_MS) return Number.POSITIVE_INFINITY;
        await sleep(RETRY_MS * (1 + Math.random()));
      }
      return performance.now() - from;
    }),
  );
  served.sort((a, b) => a - b);
  const stored = await finishedRuns(server.origin(), sweepId);
  for (const volunteer of everyone) volunteer.close();
  return {
    ...{ kind: 'stampede', transport: of.transport, clients: of.clients, restartMs, failures },
    halfServedMs: served[Math.floor(served.length / 2)] ?? Number.NaN,
    allServedMs: served.at(-1) ?? Number.NaN,
    ...{ acknowledged: acceptedBy(everyone), stored },
  };
}

async function isServed(volunteer: Volunteer, origin: string, sweepId: string): Promise<boolean> {
  volunteer.connect(origin);
  return volunteer.exchange(sweepId).then(
    () => true,
    () => false,
  );
}
