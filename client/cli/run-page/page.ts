// The page `tabgrad run --browser` opens: it holds the engine, and does what it is told over `tabgrad`.

import { base64, fromBase64 } from '../../../shared/bytes.ts';
import { littleEndian } from '../../../shared/engine/checkpoint.ts';
import {
  DeviceLost,
  type Engine,
  type Evaluation,
  type Session,
  type Training,
} from '../../../shared/engine/engine.ts';
import { candidatesOf } from '../../engine/candidates.ts';
import { browserPlatform } from '../../engine/platform-browser.ts';
import { type EngineName, engineOf, type RunEngines } from '../run-pick.ts';

/** A training as text and plain numbers; weights are little-endian float32 in base64. */
export interface WireTraining extends Pick<Training, 'config' | 'seed'> {
  weights?: string[];
  trainRows?: number[];
  masks?: (string | null)[];
}

export type Answer = { ok: true; value: unknown } | { ok: false; problem: string; isDeviceLost: boolean };

export type Calls = typeof calls;

declare global {
  var tabgrad: (name: string, args: unknown) => Promise<Answer>;
}

/** What is told of an engine over there. */
export type EngineFacts = Pick<Engine, 'name' | 'version' | 'device'> & { replicas: number };

let engines: RunEngines | null = null;
const sessions = new Map<number, Session>();
let prepared = 0;

const calls = {
  async load(wanted: EngineName, threads: number | null): Promise<EngineFacts> {
    const platform = browserPlatform();
    if (threads !== null) platform.wasm.threads = threads;
    engines = await engineOf(wanted, candidatesOf(platform));
    return factsOf(engines);
  },

  /** After the engine in use has failed. */
  async next(): Promise<EngineFacts> {
    const mine = known();
    await mine.next();
    return factsOf(mine);
  },

  async prepare(trainings: readonly WireTraining[]): Promise<number> {
    const { engine } = known().current;
    const id = prepared++;
    sessions.set(id, await engine.prepare(trainings.map(trainingOf)));
    return id;
  },

  advance: (id: number, until: number, at: number[]): Promise<Evaluation[][]> =>
    sessionOf(id).advance(until, at),

  async weights(id: number, replica: number): Promise<string[]> {
    return (await sessionOf(id).weights(replica)).map((values) => base64(littleEndian([values])));
  },

  save: async (id: number, replica: number): Promise<string> => base64(await sessionOf(id).save(replica)),

  async restore(id: number, checkpoints: string[]): Promise<number> {
    await sessionOf(id).restore(checkpoints.map(bytesOf));
    return sessionOf(id).stepsDone;
  },

  async dispose(id: number): Promise<void> {
    sessionOf(id).dispose();
    sessions.delete(id);
  },
};

function known(): RunEngines {
  if (!engines) throw new Error('there is no engine yet');
  return engines;
}

function factsOf({ current: { engine, replicas } }: RunEngines): EngineFacts {
  const { name, version, device } = engine;
  return { name, version, device, replicas };
}

function sessionOf(id: number): Session {
  const session = sessions.get(id);
  if (!session) throw new Error(`there is no session ${id}`);
  return session;
}

const bytesOf = (text: string): Uint8Array => fromBase64(text) ?? new Uint8Array();

const trainingOf = ({ config, seed, weights, trainRows, masks }: WireTraining): Training => ({
  config,
  seed,
  ...(weights
    ? { weights: weights.map((text) => new Float32Array(bytesOf(text).buffer as ArrayBuffer)) }
    : {}),
  ...(trainRows ? { trainRows: Int32Array.from(trainRows) } : {}),
  ...(masks ? { masks: masks.map((text) => text && bytesOf(text)) as (Uint8Array | null)[] } : {}),
});

globalThis.tabgrad = async (name, args) => {
  try {
    const doIt = calls[name as keyof Calls] as (...args: unknown[]) => Promise<unknown>;
    return { ok: true, value: await doIt(...(args as unknown[])) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { ok: false, problem, isDeviceLost: error instanceof DeviceLost };
  }
};
