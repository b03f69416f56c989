import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseEngine } from '../engine/choose.ts';
import { TFJS_BACKENDS, type TfjsBackend, tfjsEngine } from '../engine/tfjs/engine.ts';
import { Control } from '../volunteer/control.ts';
import { type Identity, register, ServerRefusal, workServer } from '../volunteer/server.ts';
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
  try {
    await volunteer({
      server,
      engine: chosen.engine,
      flopsPerSecond: chosen.flopsPerSecond,
      prefers: sweep ?? null,
      untilDone,
      control,
      report,
    });
  } catch (error) {
    if (error instanceof ServerRefusal) throw new Refusal(`The server refused: ${error.message}`);
    throw error;
  } finally {
    progress.clear();
  }
  progress.say(`Done: ${progress.accepted} runs accepted. Thank you.`);
  process.exit(0);
}

async function pickEngine(wanted: string | undefined) {
  const known: readonly string[] = TFJS_BACKENDS;
  if (wanted !== undefined && !known.includes(wanted))
    throw new Refusal(`There is no engine "${wanted}"; use one of ${known.join(', ')}`);
  const names = TFJS_BACKENDS.filter((backend) => wanted === undefined || backend === wanted);
  const candidates = names.map((backend: TfjsBackend) => ({
    name: `tfjs-${backend}`,
    load: () => tfjsEngine(backend, NODE_TFJS),
  }));
  const { choice, trials } = await chooseEngine(candidates);
  if (choice) return choice;
  throw new Refusal(
    `No engine works here: ${trials.map(({ name, problem }) => `${name}: ${problem}`).join('; ')}`,
  );
}

/** This terminal's identity on that server, registered on first use and kept in the state folder. */
async function identity(url: string, name: string | undefined): Promise<Identity> {
  const folder = join(defaultStateDir, 'volunteer');
  const path = join(folder, `${new URL(url).host.replaceAll(/[^a-z0-9.-]/gi, '-')}.json`);
  try {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as Identity & { name?: string };
    if (name === undefined || kept.name === name) return kept;
  } catch {
    // Nothing kept yet.
  }
  try {
    const { token } = await register(url, name);
    const made = {
      token,
      deviceId: randomBytes(16).toString('hex'),
      ...(name === undefined ? {} : { name }),
    };
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, JSON.stringify(made), { mode: 0o600 });
    return made;
  } catch (error) {
    if (error instanceof ServerRefusal)
      throw new Refusal(`The server refused to register this volunteer: ${error.message}`);
    throw new Refusal(`No server answers at ${url}. Start one with npm start, or name another.`);
  }
}
