// Which sweep a device works for: the one it is in the middle of, the one it prefers, those of the researcher and about
// the phenomenon it prefers, then all open ones by fair shares. Nothing here writes but what was refused, and a request that
// is repeated goes the same way.

import { VERSION } from '../shared/protocol.ts';
import { byResearcher, type Chance, chanceOf, inWishedOrder } from '../shared/share.ts';
import type { ExchangeReply, FinishedRun } from '../shared/work.ts';
import { cached } from './cache.ts';
import { ask } from './dispatcher/ask.ts';
import type { Answered } from './dispatcher/object.ts';
import type { Env } from './env.ts';
import { isBusy } from './errors.ts';
import { unpacked, type WorkExchange } from './messages.ts';
import { knownStripes, noteStripes, ownStripe, type Place, stripesOf } from './places.ts';
import { noteRefusals } from './refused.ts';
import { type OpenSweep, openSweeps } from './store/sweeps.ts';

export const OPEN_SWEEPS = 'open sweeps';
const OPEN_SWEEPS_MAX = 500;
const OPEN_SWEEPS_MS = 2000;
/** Dispatchers asked for a unit on behalf of one request. */
const ASKED_MAX = 16;
/** Devices that only ask are sent the same way for so long; those that deliver, until they deliver something else. */
const SAME_WAY_MS = 60_000;
export const ASK_AGAIN_MS = { busy: 1500, soon: 2000, later: 15_000 };

type Verdict = ExchangeReply['verdicts'][number];
type Found = Pick<ExchangeReply, 'lease' | 'allDone'>;

/** Delivers results to the sweeps they belong to and finds the next unit. Safe to repeat. */
export async function exchange(env: Env, volunteerId: string, request: WorkExchange): Promise<ExchangeReply> {
  const visit = new Visit(env, volunteerId, request);
  await visit.sort();
  const found = request.wantsUnit ? await visit.findUnit() : NOTHING;
  await visit.deliverRest();
  const reply = visit.reply(found);
  await noteRefusals(env, volunteerId, reply.verdicts, Date.now());
  return reply;
}

const NO_WISHES = { researcher: null };
const NOTHING: Found = { lease: null, allDone: false };
const NO_SUCH_SWEEP = {
  verdict: 'refused',
  code: 'no-such-lease',
  message: 'There is no such sweep.',
} as const;

const nameOf = ({ sweepId, stripe }: Place) => `${sweepId}:${stripe}`;

interface Parcel {
  at: Place;
  /** Places in the request. */
  places: number[];
}

/** The way of one request through the dispatchers. */
class Visit {
  private readonly env: Env;
  private readonly volunteerId: string;
  private readonly request: WorkExchange;
  private readonly chance: Chance;
  private readonly verdicts: (Verdict | undefined)[] = [];
  /** Results that were not brought to their dispatcher yet. */
  private readonly parcels = new Map<string, Parcel>();
  private stripes = new Map<string, number>();
  private readonly troubles: unknown[] = [];
  /** Dispatchers that could not be asked, and are left alone. */
  private readonly failed = new Set<string>();
  private isBusy = false;
  /** Where the unit is that the device holds; null where it holds none, undefined where nobody can tell. */
  private holder: Place | null | undefined = null;

  constructor(env: Env, volunteerId: string, request: WorkExchange) {
    this.env = env;
    this.volunteerId = volunteerId;
    this.request = request;
    const last = request.results.at(-1);
    const { holds } = request;
    const before = holds ? `${holds.sweepId}.${holds.unit}` : Math.floor(Date.now() / SAME_WAY_MS);
    const occasion = last ? `${last.sweepId}.${last.run}.${last.to}` : before;
    this.chance = chanceOf(`${volunteerId}.${request.deviceId}.${occasion}`);
  }

  /** Finds out where results belong. */
  async sort(): Promise<void> {
    const { results, holds, prefers } = this.request;
    const mentioned = new Set(results.map(({ sweepId }) => sweepId));
    if (holds) mentioned.add(holds.sweepId);
    if (prefers?.sweepId) mentioned.add(prefers.sweepId);
    let isCertain = true;
    this.stripes = await stripesOf(this.env, mentioned).catch((error) => {
      this.inTrouble(error);
      isCertain = false;
      return knownStripes(mentioned);
    });
    const stripesHeld = holds && this.stripes.get(holds.sweepId);
    if (holds && stripesHeld) this.holder = { sweepId: holds.sweepId, stripe: holds.unit % stripesHeld };
    else if (holds && !isCertain) this.holder = undefined;
    for (const [place, { sweepId, unit, run, to }] of results.entries()) {
      const stripes = this.stripes.get(sweepId);
      if (stripes === undefined) {
        if (isCertain) this.verdicts[place] = { sweepId, run, to, ...NO_SUCH_SWEEP };
        continue;
      }
      const at = { sweepId, stripe: unit % stripes };
      const parcel = this.parcels.get(nameOf(at)) ?? { at, places: [] };
      parcel.places.push(place);
      this.parcels.set(nameOf(at), parcel);
    }
  }

  async findUnit(): Promise<Found> {
    const { holder } = this;
    if (holder === undefined) return this.unasked();
    const asked = new Set<string>();
    let allOver = true;
    for await (const at of this.candidates()) {
      if (asked.has(nameOf(at))) continue;
      if (asked.size === ASKED_MAX) return NOTHING;
      asked.add(nameOf(at));
      const reply = await this.call(at, true);
      if (reply?.lease) return { lease: reply.lease, allDone: false };
      if (reply === undefined || (reply && !reply.isOver)) allOver = false;
      // It may hold a unit there still, and nobody holds two.
      if (reply === undefined && holder && nameOf(holder) === nameOf(at)) return this.unasked();
    }
    return { lease: null, allDone: allOver && this.troubles.length === 0 && !this.isBusy };
  }

  /** Who holds a unit keeps it, and all that belongs to it, until its dispatcher says otherwise. */
  private unasked(): Found {
    this.isBusy = true;
    return NOTHING;
  }

  /** What the search did not come to. */
  async deliverRest(): Promise<void> {
    await Promise.all([...this.parcels.values()].map(({ at }) => this.call(at, false)));
  }

  reply({ lease, allDone }: Found): ExchangeReply {
    const told = this.verdicts.filter((verdict) => verdict !== undefined);
    // With nothing to tell, the device should know that something is wrong.
    if (this.troubles.length > 0 && this.request.results.length > 0 && told.length === 0 && !lease)
      throw this.troubles[0];
    const isBusy = lease === null && this.isBusy;
    const kind = isBusy ? 'busy' : allDone ? 'later' : 'soon';
    // With jitter, so that devices that stopped together do not return together.
    const askAgainMs = lease ? 0 : Math.round(ASK_AGAIN_MS[kind] * (1 + Math.random()));
    return { version: VERSION, verdicts: told, lease, askAgainMs, allDone, busy: isBusy };
  }

  private async *candidates(): AsyncGenerator<Place> {
    const { holder } = this;
    const { holds } = this.request;
    const others = this.others();
    let next = await others.next();
    if (holder && holds) {
      const staysThere = next.done || next.value.sweepId === holder.sweepId;
      // Devices name the unit they have just finished, too: that is no reason to stay with its sweep.
      if (staysThere || (await this.mayHold(holder, holds.unit))) yield holder;
    }
    for (; !next.done; next = await others.next()) yield next.value;
  }

  private async *others(): AsyncGenerator<Place> {
    const { prefers } = this.request;
    if (prefers?.sweepId) yield* this.placesIn(prefers.sweepId, this.stripes.get(prefers.sweepId) ?? 0);
    const groups = await this.open();
    for (const { id, stripes } of inWishedOrder(groups, prefers ?? NO_WISHES, this.chance))
      yield* this.placesIn(id, stripes);
  }

  /** Whether the device holds a unit once its results have arrived; true where nobody can tell. */
  private async mayHold(at: Place, unit: number): Promise<boolean> {
    if (this.parcels.has(nameOf(at)) && (await this.call(at, false)) === undefined) return true;
    const { volunteerId, request } = this;
    const device = { volunteerId, deviceId: request.deviceId };
    try {
      const asked = { unit, progress: 0, runs: [] };
      return (await ask(this.env, at, (d) => d.heartbeat(at, device, asked))) === true;
    } catch (error) {
      this.inTrouble(error, at);
      return true;
    }
  }

  /** A volunteer's own stripe first, then the others from a random one on. */
  private *placesIn(sweepId: string, stripes: number): Generator<Place> {
    if (stripes === 0) return;
    yield { sweepId, stripe: ownStripe(this.volunteerId, stripes) };
    if (stripes === 1) return;
    const from = Math.floor(this.chance() * stripes);
    for (let i = 0; i < stripes; i++) yield { sweepId, stripe: (from + i) % stripes };
  }

  private async open(): Promise<OpenSweep[][]> {
    try {
      return await cached(OPEN_SWEEPS, OPEN_SWEEPS_MS, async () => {
        const sweeps = await openSweeps(this.env.DB, OPEN_SWEEPS_MAX);
        for (const { id, stripes } of sweeps) noteStripes(id, stripes);
        return byResearcher(sweeps);
      });
    } catch (error) {
      this.inTrouble(error);
      return [];
    }
  }

  /** Brings a dispatcher its results and may ask it for a unit. Undefined where it could not be asked. */
  private async call(at: Place, wantsUnit: boolean): Promise<Answered | null | undefined> {
    if (this.failed.has(nameOf(at))) return undefined;
    const { volunteerId, request } = this;
    const { deviceId, flopsPerSecond, replicas, continues } = request;
    const places = this.parcels.get(nameOf(at))?.places ?? [];
    this.parcels.delete(nameOf(at));
    const results = places.map((place) => request.results[place] as FinishedRun);
    const asked = {
      ...{ volunteerId, deviceId },
      wants: wantsUnit ? { flopsPerSecond, replicas, continues } : null,
      results: results.map(unpacked),
    };
    try {
      const reply = await ask(
        this.env,
        at,
        (d) => d.exchange(at, asked) as Promise<Answered | 'busy' | null>,
      );
      if (reply === 'busy') {
        this.isBusy = true;
        this.failed.add(nameOf(at));
        return undefined;
      }
      results.forEach(({ sweepId, run, to }, i) => {
        const verdict = reply === null ? NO_SUCH_SWEEP : reply.verdicts[i];
        if (verdict) this.verdicts[places[i] as number] = { sweepId, run, to, ...verdict };
      });
      return reply;
    } catch (error) {
      this.inTrouble(error, at);
      return undefined;
    }
  }

  /** One sweep in trouble keeps neither its devices nor their other results from the rest. */
  private inTrouble(error: unknown, at?: Place): void {
    if (at) this.failed.add(nameOf(at));
    if (isBusy(error)) this.isBusy = true;
    else {
      console.error(error);
      this.troubles.push(error);
    }
  }
}
