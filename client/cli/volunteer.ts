import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SWEEP_ID } from '../../shared/limits.ts';
import type { VolunteerReply } from '../../shared/protocol.ts';
import { sentence } from '../../shared/spec/problems.ts';
import { type Candidate, chooseEngine } from '../engine/choose.ts';
import { nameOf, TFJS_BACKENDS, type TfjsBackend, tfjsCandidates } from '../engine/tfjs/engine.ts';
import { ApiError, postJson } from '../http.ts';
import { Control } from '../volunteer/control.ts';
import { Deliveries } from '../volunteer/deliveries.ts';
import { type Identity, workServer } from '../volunteer/server.ts';
import { volunteer } from '../volunteer/volunteer.ts';
import { Refusal } from './local/refusal.ts';
import { defaultStateDir } from './local/state.ts';
import { Progress } from './progress.ts';
import { NODE_TFJS } from './tfjs-node.ts';

export interface VolunteerArguments {
  url: string;
  untilDone: boolean;
  sweep: string | undefined;
  name: string | undefined;
  engine: string | undefined;
}

/** Lends this computer to a server until it is stopped or, with `untilDone`, nothing is left to do. */
export async function volunteerHere({
  url,
  untilDone,
  sweep,
  name,
  engine,
}: VolunteerArguments): Promise<void> {
  if (sweep !== undefined && !SWEEP_ID.test(sweep)) {
    throw new Refusal(
      `"${sweep}" is not the id of a sweep; its address ends in it, as in weight-decay-decides-32d4a5c0.`,
    );
  }
  const progress = new Progress(process.stderr);
  const server = workServer(url, await identity(url, name));
  const chosen = await pickEngine(engine);
  progress.report({
    type: 'engine',
    engine: chosen.engine.name,
    backend: chosen.engine.name,
    msPerStep: chosen.msPerStep,
    choices: chosen.trials,
  });
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
  const { report } = progress;
  const deliveries = new Deliveries(server, report);
  await volunteer({
    server,
    deliveries,
    untilDone,
    control,
    report,
    engine: chosen.engine,
    flopsPerSecond: chosen.flopsPerSecond,
    prefers: sweep ?? null,
  })
    .finally(() => progress.end())
    .catch(refused(url));
  progress.say(`Done: ${progress.accepted} runs accepted. Thank you.`);
  process.exit(0);
}

async function pickEngine(wanted: string | undefined) {
  const known: readonly string[] = TFJS_BACKENDS;
  if (wanted !== undefined && !known.includes(wanted)) {
    throw new Refusal(`There is no engine "${wanted}"; use one of ${known.join(', ')}.`);
  }
  const isWanted = ({ name }: Candidate) => wanted === undefined || name === nameOf(wanted as TfjsBackend);
  const { choice, trials } = await chooseEngine(tfjsCandidates(NODE_TFJS).filter(isWanted));
  if (choice) return choice;
  throw new Refusal(
    `No engine works here: ${trials.map(({ name, problem }) => `${name}: ${problem}`).join('; ')}`,
  );
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
