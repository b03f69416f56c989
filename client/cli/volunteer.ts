import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { sentence } from '../../shared/spec/problems.ts';
import { type Candidates, candidatesOf } from '../engine/candidates.ts';
import type { EngineChoice, FromWorker } from '../engine/messages.ts';
import { Selection } from '../engine/selection.ts';
import { ApiError } from '../http.ts';
import { nodeLocalStates } from '../storage/local-states-node.ts';
import { nodeOutbox } from '../storage/outbox-node.ts';
import { Control } from '../volunteer/control.ts';
import { volunteerThroughFailures } from '../volunteer/engines.ts';
import { isKept } from '../volunteer/keeping.ts';
import { openOffice } from '../volunteer/office.ts';
import { openSocket } from '../volunteer/socket-server.ts';
import { claimDevice } from './device.ts';
import { Refusal } from './local/refusal.ts';
import { defaultStateDir } from './local/state.ts';
import { nodePlatform } from './platform-node.ts';
import { Progress } from './progress.ts';
import { followSettings } from './rule.ts';
import { stopOnSignals } from './stop.ts';
import { forgetToken, tokenFor, volunteerFolder } from './volunteer-identity.ts';
import type { VolunteerWishes } from './volunteer-options.ts';

/** Lends this computer to a server until it is stopped or, with `untilDone`, nothing is left to do. */
export async function volunteerHere(url: string, wishes: VolunteerWishes): Promise<void> {
  const { settings, name, engine, untilDone } = wishes;
  const engines = enginesOf(wishes);
  const progress = new Progress(process.stderr, settings.duty);
  const report = (message: FromWorker) => {
    remember(message, engine);
    progress.report(message);
  };
  const control = new Control();
  stopOnSignals({ stop: () => control.stop(), say: progress.say });
  const token = await tokenFor(url, name).catch(refused(url));
  const folder = volunteerFolder(url);
  const device = claimDevice(folder);
  process.on('exit', device.release);
  const office = openOffice({
    ...{ origin: url, identity: { token, deviceId: device.deviceId }, report, socket: openSocket(url) },
    keeping: (onTrouble) => ({
      outbox: nodeOutbox(folder, { accepts: isKept, onTrouble }),
      segments: nodeLocalStates(join(folder, 'segments')),
      datasets: nodeLocalStates(join(folder, 'datasets')),
      inHand: nodeLocalStates(device.folder),
    }),
  });
  control.prefers = settings.cause;
  const unfollow = followSettings(settings, { control, say: progress.say });
  const work = async () => {
    await office.deliveries.open();
    // Not even the engines are measured while it rests.
    if (!(await control.go())) return;
    const selection = await selectionOf(engines, engine, report);
    await volunteerThroughFailures({ ...office, untilDone, control, report, selection });
  };
  await work()
    .finally(async () => {
      unfollow();
      control.stop();
      await office.close(control);
      progress.end();
    })
    .catch(refused(url));
  progress.say(progress.summary);
  process.exit(0);
}

/** The engines to choose among. Refuses the name of one that there is not. */
function enginesOf({ engine: wanted, workers }: VolunteerWishes): Candidates {
  const engines = candidatesOf(nodePlatform(workers));
  if (wanted === undefined || wanted === 'auto') return engines;
  const all = [...engines.candidates, ...engines.fallbacks];
  const named = all.filter(({ name }) => name === wanted);
  if (named.length > 0) return { candidates: named, fallbacks: [] };
  const names = ['auto', ...all.map(({ name }) => name)];
  throw new Refusal(`There is no engine "${wanted}"; use one of ${names.join(', ')}.`);
}

/** The engine asked for; without a wish the fastest, as it was measured before or is now. "auto" measures anew. */
async function selectionOf(
  engines: Candidates,
  wanted: string | undefined,
  report: (message: FromWorker) => void,
): Promise<Selection> {
  const machine = `${cpus()[0]?.model}, ${availableParallelism()} processors, Node ${process.versions.node}`;
  const selection = new Selection({ ...engines, machine, report });
  await selection.begin(wanted === undefined ? keptEngine() : null).catch((error: Error) => {
    throw new Refusal(error.message);
  });
  return selection;
}

const enginePath = join(defaultStateDir, 'volunteer', 'engine.json');

function keptEngine(): EngineChoice | null {
  try {
    return JSON.parse(readFileSync(enginePath, 'utf8')) as EngineChoice;
  } catch {
    return null;
  }
}

/** Keeps the fastest engine for the next time; one that was asked for by name says nothing of the others. */
function remember(message: FromWorker, wanted: string | undefined): void {
  if (message.type === 'engine-failed') rmSync(enginePath, { force: true });
  if (message.type !== 'engine' || !message.keep || (wanted !== undefined && wanted !== 'auto')) return;
  mkdirSync(dirname(enginePath), { recursive: true });
  writeFileSync(enginePath, JSON.stringify(message.choice));
}

/** Turns what the server said into words for the terminal. */
const refused =
  (url: string) =>
  (error: unknown): never => {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 0) {
      throw new Refusal(`No server answers at ${url}. Start one with npm start, or name another.`);
    }
    if (error.code === 'version')
      throw new Refusal(
        'The server has a newer version of Tabgrad than this computer. Update it and start it again: what is finished is kept, and sent then.',
      );
    if (error.code !== 'unauthorized') {
      const problems = error.problems.map((problem) => `\n  ${sentence(problem)}`);
      throw new Refusal(`The server refused: ${error.message}${problems.join('')}`);
    }
    forgetToken(url);
    throw new Refusal(`${url} no longer knows this terminal. Run the command again to register anew.`);
  };
