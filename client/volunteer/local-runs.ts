// Where the runs in hand stand, kept by the device every few seconds: after a crash or a reload it goes on from there.
//   bytes of the header u32, little-endian | header, JSON | state (shared/run-state.ts)

import * as v from 'valibot';
import { readState, stepOf } from '../../shared/run-state.ts';
import type { RunConfig } from '../../shared/spec/schema.ts';
import { type HeldUnit, type Lease, type LeasedRun, leaseSchema } from '../../shared/work.ts';
import type { LocalStates } from '../storage/local-states.ts';
import { telling } from '../words/telling.ts';
import type { Resume } from './record.ts';
import type { SavedRun } from './saving.ts';
import type { Worry } from './trouble.ts';

interface Header extends Omit<Resume, 'state'> {
  from: number;
  /** The state the segment begins with; null at step 0. */
  checkpoint: string | null;
}

export class LocalRuns {
  private readonly states: LocalStates;
  private readonly onTrouble: Worry;
  private isTroubled = false;

  constructor(states: LocalStates, onTrouble: Worry) {
    this.states = states;
    this.onTrouble = onTrouble;
  }

  /** Never rejects; says once where the device keeps nothing. */
  async save(held: HeldUnit, { run, checkpoint }: LeasedRun, saved: SavedRun): Promise<void> {
    const { from, start, engine, elapsedMs, state } = saved;
    const header: Header = { from, checkpoint, start, engine, elapsedMs };
    const isSafe = await this.states.save(keyOf(held, run), joined(header, state));
    if (isSafe || this.isTroubled) return;
    this.isTroubled = true;
    this.onTrouble(telling().mishaps.runsNotKept, 'notKept');
  }

  /** Where this device left a leased run; null where it did not, or not from what is leased now. */
  async find(held: HeldUnit, leased: LeasedRun, config: RunConfig): Promise<Resume | null> {
    const bytes = await this.states.load(keyOf(held, leased.run));
    try {
      if (!bytes) return null;
      const { header, state } = split(bytes);
      const { start, engine, elapsedMs } = header;
      const isSame = header.from === leased.from && header.checkpoint === leased.checkpoint;
      if (!isSame || typeof engine !== 'string' || !(elapsedMs >= 0)) return null;
      const read = readState(state, config);
      return read.step > leased.from ? { state: read, start, engine, elapsedMs } : null;
    } catch {
      return null;
    }
  }

  async remove(held: HeldUnit, run: number): Promise<void> {
    await this.states.remove(keyOf(held, run));
  }

  /** Forgets all but the runs of the unit this device holds; null: it holds none. */
  async keepOnly(held: HeldUnit | null, runs: readonly LeasedRun[]): Promise<void> {
    const kept = new Set(held ? [LEASE, ...runs.map(({ run }) => keyOf(held, run))] : []);
    for (const key of await this.states.keys()) if (!kept.has(key)) await this.states.remove(key);
  }

  /** Keeps what a lease says, so that its runs can be gone on with where no server answers. */
  async keepLease(lease: Lease): Promise<void> {
    await this.states.save(LEASE, new TextEncoder().encode(JSON.stringify(lease)));
  }

  /** The lease that was kept, with those of its runs that this device has begun; null where there are none. */
  async keptLease(): Promise<Lease | null> {
    const bytes = await this.states.load(LEASE);
    try {
      const lease = bytes && v.parse(leaseSchema, JSON.parse(new TextDecoder().decode(bytes)));
      if (!lease) return null;
      const begun = new Set(await this.states.keys());
      const runs = lease.runs.filter(({ run }) => begun.has(keyOf(lease, run)));
      return runs.length > 0 ? { ...lease, runs } : null;
    } catch {
      return null;
    }
  }

  /** The unit this device held when it was last seen. */
  async lastHeld(): Promise<HeldUnit | null> {
    for (const key of await this.states.keys()) {
      const named = read(key);
      if (named) return { sweepId: named.sweepId, unit: named.unit };
    }
    return null;
  }
}

const LEASE = 'lease';
const keyOf = ({ sweepId, unit }: HeldUnit, run: number): string => `${sweepId}.${unit}.${run}`;

function read(key: string): (HeldUnit & { run: number }) | null {
  const [, sweepId, unit, run] = /^([a-z0-9-]+)\.(\d+)\.(\d+)$/.exec(key) ?? [];
  return sweepId ? { sweepId, unit: Number(unit), run: Number(run) } : null;
}

/** So many first bytes of what is kept of a run tell where it stands. */
export const GLIMPSE_BYTES = 4096;

/** Which run the first bytes of what is kept are of, and where it stands; null where they do not tell. */
export function placeIn(
  key: string,
  head: Uint8Array,
): { sweepId: string; run: number; step: number } | null {
  const named = read(key);
  try {
    const step = named && stepOf(split(head).state);
    return named && step ? { sweepId: named.sweepId, run: named.run, step } : null;
  } catch {
    return null;
  }
}

function joined(header: Header, state: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(4 + text.length + state.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(state, 4 + text.length);
  return bytes;
}

function split(bytes: Uint8Array): { header: Header; state: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as Header;
  return { header, state: bytes.subarray(4 + length) };
}
