// Looking inside a sweep's dispatcher, and breaking what it stands on.

import { runInDurableObject } from 'cloudflare:test';
import type { Ledger } from '../../shared/ledger.ts';
import type { World } from '../../shared/promises.ts';
import { dispatcherName } from '../../worker/dispatcher/ask.ts';
import type { Chores } from '../../worker/dispatcher/chores.ts';
import type { Desk } from '../../worker/dispatcher/desk.ts';
import type { At, Dispatcher } from '../../worker/dispatcher/object.ts';
import type { Tables } from '../../worker/dispatcher/tables.ts';
import type { Env } from '../../worker/env.ts';
import { env } from './world.ts';

/** A stripe; a name alone is the only one of its sweep. */
export type Where = string | At;

export const at = (where: Where): At => (typeof where === 'string' ? { sweepId: where, stripe: 0 } : where);

export const objectAt = (where: Where): DurableObjectStub<Dispatcher> =>
  env.DISPATCHER.get(env.DISPATCHER.idFromName(dispatcherName(at(where))));

export interface Inside {
  opened: { desk: Desk; chores: Chores };
  tables: Tables;
  env: Env;
  exchange: Dispatcher['exchange'];
  alarm: Dispatcher['alarm'];
}

/** Runs a function inside the object. */
export const inside = <T>(
  where: Where,
  look: (object: Inside, storage: DurableObjectStorage) => T | Promise<T>,
): Promise<T> =>
  runInDurableObject(objectAt(where), (instance, state) =>
    look(instance as unknown as Inside, state.storage),
  );

/** Everything the object is made of, as plain data, to compare before and after a restart. */
export const memoryOf = (where: Where) =>
  inside(where, ({ opened: { desk } }) => {
    const { ledger, sweep } = desk.state;
    return {
      ledger: structuredClone({ ...ledger, index: { held: ledger.index.held, free: ledger.index.free } }),
      records: [...desk.state.records(0, ledger.runs).values()].sort((a, b) => a.run - b.run),
      aggregates: Array.from({ length: sweep.cells }, (_, cell) => desk.state.aggregate(cell)),
    };
  });

/** What the promises look at. */
export const worldOf = (where: Where): Promise<Pick<World, 'ledger' | 'records'>> =>
  inside(where, ({ opened: { desk } }) => {
    const ledger: Ledger = structuredClone(desk.state.ledger);
    return { ledger, records: [...desk.state.records(0, ledger.runs).values()] };
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
export const breakBinding = (where: Where, binding: 'DB' | 'BLOBS') =>
  inside(where, (object) => {
    object.env = { ...object.env, [binding]: refuses(binding) };
  });

export const mend = (where: Where) =>
  inside(where, (object) => {
    object.env = env;
  });
