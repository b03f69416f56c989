import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { SWEEP_ID } from '../../shared/limits.ts';
import { type VolunteerReply, volunteerRequest } from '../../shared/protocol.ts';
import { problemsOf, sentence } from '../../shared/spec/problems.ts';
import { candidatesOf } from '../engine/candidates.ts';
import type { EngineChoice, FromWorker } from '../engine/messages.ts';
import { Selection } from '../engine/selection.ts';
import { ApiError, postJson } from '../http.ts';
import { Control } from '../volunteer/control.ts';
import { Deliveries } from '../volunteer/deliveries.ts';
import { volunteerThroughFailures } from '../volunteer/engines.ts';
import { type Identity, workServer } from '../volunteer/server.ts';
import { Refusal } from './local/refusal.ts';
import { defaultStateDir } from './local/state.ts';
import { nodePlatform } from './platform-node.ts';
import { Progress } from './progress.ts';

export interface VolunteerArguments {
  url: string;
  untilDone: boolean;
  sweep: string | undefined;
  name: string | undefined;
  engine: string | undefined;
  /** Threads of wasm; as many as there are processors unless given. */
  workers?: number | undefined;
}

/** Lends this computer to a server until it is stopped or, with `untilDone`, nothing is left to do. */
export async function volunteerHere({
  url,
  untilDone,
  sweep,
  name,
  engine,
  workers,
}: VolunteerArguments): Promise<void> {
  if (sweep !== undefined && !SWEEP_ID.test(sweep)) {
    throw new Refusal(
      `--sweep: "${sweep}" is not the id of a sweep; its address ends in it, as in weight-decay-decides-32d4a5c0.`,
    );
  }
  checkName(name);
  const progress = new Progress(process.stderr);
  const server = workServer(url, await identity(url, name));
  const report = (message: FromWorker) => {
    remember(message, engine);
    progress.report(message);
  };
  const selection = await selectionOf({ engine, workers }, report);
  const control = new Control();
  let interrupts = 0;
  process.on('SIGINT', () => {
    if (++interrupts > 1) process.exit(130);
    progress.say(
      'Stopping: delivering what is finished and handing the rest back (Ctrl-C again leaves at once)',
    );
    control.stop();
  });
  process.on('SIGTERM', () => control.stop());
  const deliveries = new Deliveries(server, report);
  const work = { server, deliveries, untilDone, control, report, selection, prefers: sweep ?? null };
  await volunteerThroughFailures(work)
    .finally(() => progress.end())
    .catch(refused(url));
  progress.say(`Done: ${progress.accepted} runs accepted. Thank you.`);
  process.exit(0);
}

function checkName(name: string | undefined): void {
  const { success, issues } = v.safeParse(volunteerRequest, name === undefined ? {} : { name });
  if (!success)
    throw new Refusal(
      problemsOf(issues)
        .map((one) => `--${sentence(one)}`)
        .join('\n'),
    );
}

/** The engine asked for; without a wish the fastest, as it was measured before or is now. "auto" measures anew. */
async function selectionOf(
  { engine: wanted, workers }: Pick<VolunteerArguments, 'engine' | 'workers'>,
  report: (message: FromWorker) => void,
): Promise<Selection> {
  const { candidates, fallbacks } = candidatesOf(nodePlatform(workers));
  const all = [...candidates, ...fallbacks];
  const isAny = wanted === undefined || wanted === 'auto';
  const named = all.filter(({ name }) => name === wanted);
  if (!isAny && named.length === 0) {
    const names = ['auto', ...all.map(({ name }) => name)];
    throw new Refusal(`There is no engine "${wanted}"; use one of ${names.join(', ')}.`);
  }
  const machine = `${cpus()[0]?.model}, ${availableParallelism()} processors, Node ${process.versions.node}`;
  const engines = isAny ? { candidates, fallbacks } : { candidates: named, fallbacks: [] };
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

/** Where this terminal keeps who it is on that server. */
const identityPath = (url: string) =>
  join(defaultStateDir, 'volunteer', `${new URL(url).host.replaceAll(/[^a-z0-9.-]/gi, '-')}.json`);

/** This terminal's identity on that server, registered on first use and kept in the state folder. */
async function identity(url: string, name: string | undefined): Promise<Identity> {
  const path = identityPath(url);
  // Every process is a device of its own: two of them share a volunteer, never a unit.
  const deviceId = randomBytes(16).toString('hex');
  try {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as { token: string; name?: string };
    if (name === undefined || kept.name === name) return { token: kept.token, deviceId };
  } catch {
    // Nothing kept yet.
  }
  const named = name === undefined ? {} : { name };
  const { token } = await postJson<VolunteerReply>(`${url}/api/volunteers`, named).catch(refused(url));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify({ token, ...named }), { mode: 0o600 });
  return { token, deviceId };
}

/** Turns what the server said into words for the terminal. */
const refused =
  (url: string) =>
  (error: unknown): never => {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 0) {
      throw new Refusal(`No server answers at ${url}. Start one with npm start, or name another.`);
    }
    if (error.code !== 'unauthorized') {
      const problems = error.problems.map((problem) => `\n  ${sentence(problem)}`);
      throw new Refusal(`The server refused: ${error.message}${problems.join('')}`);
    }
    rmSync(identityPath(url), { force: true });
    throw new Refusal(`${url} no longer knows this terminal. Run the command again to register anew.`);
  };
