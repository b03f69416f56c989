// Looking inside a sweep's dispatcher, and breaking what it stands on.

import { runInDurableObject } from 'cloudflare:test';
import type { World } from '../../shared/promises.ts';
import type { Ledger } from '../../shared/unit.ts';
import type { CommitLog } from '../../worker/dispatcher/log.ts';
import type { Dispatcher } from '../../worker/dispatcher/object.ts';
import type { SweepState } from '../../worker/dispatcher/state.ts';
import type { Tables } from '../../worker/dispatcher/tables.ts';
import type { Env } from '../../worker/env.ts';
import { dispatcher, env } from './world.ts';

export interface Inside {
  opened: { state: SweepState; log: CommitLog };
  tables: Tables;
  env: Env;
  exchange: Dispatcher['exchange'];
  alarm: Dispatcher['alarm'];
}

/** Runs a function inside the object. */
export const inside = <T>(
  sweepId: string,
  look: (object: Inside, storage: DurableObjectStorage) => T | Promise<T>,
): Promise<T> =>
  runInDurableObject(dispatcher(sweepId), (instance, state) =>
    look(instance as unknown as Inside, state.storage),
  );

/** Everything the object is made of, as plain data, to compare before and after a restart. */
export const memoryOf = (sweepId: string) =>
  inside(sweepId, ({ opened: { state } }) => ({
    ledger: structuredClone(state.ledger),
    records: [...state.records(0, state.sweep.runs).values()].sort((a, b) => a.run - b.run),
    aggregates: Array.from({ length: state.sweep.cells }, (_, cell) => state.aggregate(cell)),
  }));

/** What the promises look at. */
export const worldOf = (sweepId: string): Promise<Pick<World, 'ledger' | 'records'>> =>
  inside(sweepId, ({ opened: { state } }) => {
    const ledger: Ledger = structuredClone(state.ledger);
    return { ledger, records: [...state.records(0, state.sweep.runs).values()] };
  });

const refuses = (what: string) =>
  new Proxy(
    {},
    {
      get: () => () => {
        throw new Error(`${what} is down`);
      },
    },
  );

/** Takes away what the object is bound to, until it is restarted or given back. */
export const breakBinding = (sweepId: string, binding: 'DB' | 'BLOBS') =>
  inside(sweepId, (object) => {
    object.env = { ...object.env, [binding]: refuses(binding) };
  });

export const mend = (sweepId: string) =>
  inside(sweepId, (object) => {
    object.env = env;
  });
