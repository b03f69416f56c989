// What went wrong, sorted by what can be done about it. The words of each kind are in words/device.

import type { ErrorCode } from '../../shared/protocol.ts';

export type Trouble =
  | 'deviceHung'
  | 'deviceRemoved'
  | 'deviceLost'
  | 'gpuMemory'
  | 'shader'
  | 'noAdapter'
  | 'wasmMemory'
  | 'threadStopped'
  | 'notLoaded'
  | 'noEngine'
  | 'unsuited'
  | 'notKept'
  | 'network'
  | 'busy'
  | 'version'
  | 'elsewhere'
  | 'unknownHere'
  | 'refused'
  | 'lapsed'
  | 'handedBack'
  | 'undelivered'
  | 'damaged'
  | 'serverFault';

/** Told what went wrong in words for the volunteer, and of which kind it is. */
export type Worry = (words: string, kind: Trouble | null) => void;

const BY_CODE: Partial<Record<ErrorCode, Trouble>> = {
  ...{ 'no-such-lease': 'lapsed', 'run-not-in-unit': 'lapsed' },
  ...{ busy: 'busy', 'too-many': 'busy', version: 'version', unauthorized: 'unknownHere' },
  ...{ internal: 'serverFault', 'bad-result': 'refused', 'bad-checkpoint': 'refused', forbidden: 'refused' },
  ...{ 'bad-request': 'refused', 'too-large': 'refused' },
};

/** The first that fits counts: what is particular stands before what is general. */
const BY_WORDS: readonly (readonly [Trouble, RegExp])[] = [
  ['noEngine', /\bno engine works here\b/i],
  ['elsewhere', /\banother tab\b/i],
  ['unsuited', /\bno engine of this device trains\b/i],
  ['gpuMemory', /graphics device.*\b(?:not enough|out of) memory\b|\bMiB at a stretch\b/i],
  ['gpuMemory', /\bGPU\w* out of memory\b|\bVK_ERROR_OUT_OF_|\bE_OUTOFMEMORY\b/i],
  [
    'deviceHung',
    /graphics device was (?:lost|removed).*(?:\bhung\b|_HUNG|\btimed? ?out\b|_TIMEOUT|\bTDR\b)/i,
  ],
  ['deviceRemoved', /graphics device was lost.*(?:\bremoved\b|_REMOVED|\bexternal\b|_RESET|\bdriver\b)/i],
  ['shader', /\bgraphics device refuses\b/i],
  ['deviceLost', /\bgraphics device (?:was lost|failed)\b/i],
  ['noAdapter', /\bno graphics adapter\b/i],
  ['wasmMemory', /\bdoes not give the \d+ MB of memory\b|\bthe wasm engine has at most\b/i],
  ['wasmMemory', /\bcould not allocate memory\b|\barray buffer allocation failed\b|\bout of memory\b/i],
  ['threadStopped', /\ba thread of the wasm engine stopped\b/i],
  [
    'notLoaded',
    /\bcannot be loaded\b|\bdynamically imported module\b|\bmodule script failed\b|\bdid not start within\b/i,
  ],
  ['damaged', /\bdamaged on this device\b/i],
  ['undelivered', /\bcould not be delivered\b|\boldest are dropped\b/i],
  ['handedBack', /\bcannot be gone on with\b|\bare not usable\b|\bis not to be had\b/i],
  ['notKept', /\bdoes not keep\b|\bquota ?exceeded|\bthe disk is full\b|\bnot be kept\b/i],
  ['version', /\bnewer version\b/i],
  ['busy', /\bthe server is busy\b/i],
  ['network', /\bserver cannot be reached\b|\bserver did not answer\b|\bdid not arrive whole\b/i],
  ['serverFault', /\bthe server answered with status\b/i],
];

/** Words for the volunteer, and which kind of trouble they are about; null where they say it all. */
export class Troubled extends Error {
  readonly kind: Trouble | null;

  constructor(words: string, kind: Trouble | null) {
    super(words);
    this.kind = kind;
  }
}

/**
 * What kind of trouble words of the session are about, from the server's code where it sent one; null where nobody has
 * thought of it: then the words alone have to do.
 */
export function troubleOf(words: string, code: string | null): Trouble | null {
  const known = code === null ? undefined : (BY_CODE as Record<string, Trouble | undefined>)[code];
  return known ?? BY_WORDS.find(([, pattern]) => pattern.test(words))?.[0] ?? null;
}
