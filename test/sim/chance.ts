// One seed decides everything in a world: a small generator of numbers, and which faults strike when.

/** Mulberry32: fast, and good enough to shake a world with. */
export class Chance {
  private state: number;

  constructor(seed: number) {
    this.state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  }

  /** 0 .. 1, never 1 */
  fraction(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(n: number): number {
    return Math.floor(this.fraction() * n);
  }

  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }
}

/** Where something can go wrong, and how often at most when it may at all. */
export const SITES = {
  // Network
  'request lost': 0.3,
  'reply lost': 0.3,
  'request duplicated': 0.5,
  'request delayed': 0.3,
  'reply delayed': 0.2,
  // The object and its storage
  'object crashes': 0.06,
  'object evicted': 0.04,
  'crash within a commit': 0.2,
  'commit fails': 0.2,
  'commit reported as failed': 0.2,
  'throw between statements': 0.1,
  'crash between blob and row': 0.5,
  'blob not stored': 0.6,
  'blob stored, but not said so': 0.6,
  'slow storage of blobs': 0.8,
  'alarm dies': 0.5,
  'alarm at a bad moment': 0.3,
  busy: 0.2,
  'slow object': 0.2,
  'clock set back': 0.5,
  // D1
  'd1 fails': 0.9,
  'd1 written, but not said so': 0.3,
  'd1 late': 0.3,
  'd1 slow': 0.8,
  // States of runs
  'state not stored': 0.5,
  'state stored, but not said so': 0.5,
  'state lost later': 0.5,
  'state damaged': 0.4,
  'state unreadable for now': 0.6,
  // Volunteers
  'tab closed': 0.15,
  'tab closed before sending': 0.4,
  'tab never comes back': 0.6,
  'nothing kept': 0.9,
  'volunteer leaves': 0.15,
  'device lost': 0.15,
  'sleeps through leases': 0.15,
  'heartbeat forgotten': 0.6,
  'liar about speed': 0.5,
  'sends everything twice': 0.5,
  'wrong state': 0.5,
  'broken result': 0.2,
  'wrong start': 0.3,
  'disputes for nothing': 0.5,
  'old client': 0.5,
  'cursed run': 0.2,
  // Researchers
  pause: 0.4,
  cancel: 0.3,
  grow: 0.3,
  retry: 0.3,
  'D1 built anew': 0.2,
} as const;

export type Site = keyof typeof SITES;
export const siteNames = Object.keys(SITES) as Site[];
const indexOf = new Map(siteNames.map((site, i) => [site, i]));

/** The share of worlds in which a site is active. */
const ACTIVE = 0.25;

/** Which faults strike: by the rates of one world, or exactly at the planned decision points. */
export class Faults {
  readonly fired = new Uint32Array(siteNames.length);
  /** Decision points passed so far. */
  points = 0;
  isOver = false;
  private readonly chance: Chance;
  private readonly planned: readonly number[] | null;
  private readonly rates: Float64Array;

  constructor(chance: Chance, planned: readonly number[] | null) {
    this.chance = chance;
    this.planned = planned;
    this.rates = Float64Array.from(siteNames, (site) => {
      const active = chance.fraction() < ACTIVE;
      return active ? SITES[site] * chance.fraction() : 0;
    });
  }

  hit(site: Site): boolean {
    if (this.isOver) return false;
    const i = indexOf.get(site) as number;
    const point = this.points++;
    if (this.planned) {
      if (!this.planned.includes(point)) return false;
    } else if (this.rates[i] === 0 || this.chance.fraction() >= (this.rates[i] as number)) return false;
    this.fired[i] = (this.fired[i] as number) + 1;
    return true;
  }

  /** Whether a fault that lasts for the whole world is on. */
  isActive(site: Site): boolean {
    const i = indexOf.get(site) as number;
    if (this.planned || this.rates[i] === 0) return false;
    this.fired[i] = (this.fired[i] as number) + 1;
    return true;
  }
}
