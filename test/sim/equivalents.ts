// Changes to the code that break no promise, and why: other tests hold what they change.

import type { Planted } from './planted.ts';

export const equivalents: (Planted & { why: string })[] = [
  {
    name: 'a device is believed as soon as it claims something',
    file: 'worker/dispatcher/size.ts',
    from: 'observed === null ? LIMITS.unprovenFlopsPerSecond :',
    to: 'observed === null ? claimed :',
    why: 'a unit that is too large comes back in parts; size.test.ts holds the sizes',
  },
  {
    name: 'the first speed seen is believed for ever',
    file: 'worker/dispatcher/rates.ts',
    from: 'const INERTIA = 0.5;',
    to: 'const INERTIA = 1;',
    why: 'speeds decide how much is handed out, never what counts',
  },
  {
    name: 'points of runs in training are forgotten',
    file: 'worker/dispatcher/desk.ts',
    from: 'this.live.note(local, run, nowMs);',
    to: 'this.live.forget(local);',
    why: 'they are for looking at only',
  },
  {
    name: 'a heartbeat always prolongs its lease',
    file: 'shared/unit.ts',
    from: 'if (isStalled || isEndless || attempt.expiresAtMs - nowMs > leaseMs / 2)',
    to: 'if (isStalled || isEndless)',
    why: 'it only costs entries in the log; unit.test.ts counts them',
  },
];
