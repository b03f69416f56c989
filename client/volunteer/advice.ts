// What this very browser on this very system can do, and what its user can do to make it more.

import { type Browser, type Identity, identify, type Os, type Said } from './browser.ts';

export interface Facts extends Said {
  isSecureContext: boolean;
  /** There is a `navigator.gpu`. */
  hasGpu: boolean;
  /** It offers a graphics adapter; null where it was not asked. */
  hasAdapter: boolean | null;
  /** WebAssembly with vectors. */
  hasWasm: boolean;
  hasWorker: boolean;
  hasLocks: boolean;
  /** Somewhere to keep runs in hand; private windows may have none. */
  hasOpfs: boolean;
}

export type Problem =
  | 'insecure'
  | 'tooOld'
  | 'outdated'
  | 'flag'
  | 'unsupported'
  | 'switchedOff'
  | 'noAdapter'
  | 'unknown';

export type Step =
  | 'openSecurely'
  | 'update'
  | 'updateIos'
  | 'updateMac'
  | 'flag'
  | 'vulkanFlag'
  | 'acceleration'
  | 'gpuPage'
  | 'driver'
  | 'windowsOnArm'
  | 'firefoxAcceleration'
  | 'firefoxSupport'
  | 'firefoxNightly'
  | 'webkitFlag'
  | 'openInBrowser'
  | 'chromeOnLinux'
  | 'chromeOnAndroid'
  | 'safariOrChrome'
  | 'chromeOrEdge'
  | 'terminal'
  | 'ordinaryWindow'
  | 'replay';

export interface Advice {
  browser: Browser;
  /** Null where it does not say. */
  version: number | null;
  os: Os;
  /** The best that trains here; the processor can wherever the graphics card can. */
  can: 'webgpu' | 'wasm' | 'nothing';
  /** Why it is not more; null where nothing is amiss. */
  problem: Problem | null;
  /** The version of this browser that has WebGPU on this system; null where that is not the question. */
  since: number | null;
  /** What to do, best first. */
  steps: Step[];
}

/**
 * The version of a family that first has WebGPU on a system, by default; null where none has. After the WebGPU wiki's
 * implementation status and MDN's compatibility data. Linux is Intel's chips of generation 12 and later;
 * Firefox on a Mac is Apple silicon, from 145 on where macOS is 26.
 */
const SINCE: Record<Identity['family'], Partial<Record<Os, number>>> = {
  chromium: { windows: 113, mac: 113, chromeos: 113, android: 121, linux: 144 },
  gecko: { windows: 141, mac: 147 },
  webkit: { mac: 26, ios: 26 },
  other: {},
};

const NVIDIA_ON_LINUX = 147;

/** Browsers whose versions are those of their family. */
const NUMBERED_ALIKE: readonly Browser[] = ['chrome', 'edge', 'chromium', 'firefox', 'safari'];

/** Pure: what is known of a browser -> what it can, and what to do. */
export function adviceFor(facts: Facts): Advice {
  const identity = identify(facts);
  const { browser, version, os, family } = identity;
  const { hasWasm, hasWorker, hasLocks } = facts;
  const base = { browser, version, os, since: null };
  if (!facts.isSecureContext)
    return { ...base, can: 'nothing', problem: 'insecure', steps: ['openSecurely', 'replay'] };
  if (!hasWasm || !hasWorker || !hasLocks)
    return { ...base, can: 'nothing', problem: 'tooOld', steps: [...renewal(identity), 'replay'] };
  const keeping: Step[] = facts.hasOpfs ? [] : ['ordinaryWindow'];
  if (facts.hasGpu && facts.hasAdapter !== false)
    return { ...base, can: 'webgpu', problem: null, steps: keeping };
  const problem = facts.hasGpu ? 'noAdapter' : missingOn(identity);
  const first = SINCE[family][os] ?? null;
  const isToldSince = problem === 'outdated' || problem === 'flag';
  const since = isToldSince && (NUMBERED_ALIKE.includes(browser) || os === 'ios') ? first : null;
  return { ...base, can: 'wasm', problem, since, steps: [...stepsFor(problem, identity), ...keeping] };
}

/** Why there is no WebGPU at all. */
function missingOn({ browser, os, family, familyVersion }: Identity): Problem {
  const since = SINCE[family][os];
  if (browser === 'app') return 'unsupported';
  if (family === 'other' || familyVersion === null) return 'unknown';
  if (since === undefined) return 'unsupported';
  if (familyVersion < since) return family === 'chromium' && os === 'linux' ? 'flag' : 'outdated';
  // What has it by default on Apple silicon has none on Intel's.
  return family === 'gecko' && os === 'mac' ? 'unsupported' : 'switchedOff';
}

function stepsFor(problem: Problem, identity: Identity): Step[] {
  const { browser, os, family } = identity;
  if (browser === 'app') return ['openInBrowser', ...elsewhere(identity)];
  if (problem === 'outdated') return renewal(identity);
  if (problem === 'flag') return ['update', 'flag', 'vulkanFlag'];
  if (problem === 'switchedOff' || problem === 'noAdapter') return repairs(problem, identity);
  if (os === 'ios') return ['updateIos'];
  if (family === 'gecko' && os === 'linux') return ['chromeOnLinux', 'firefoxNightly', 'terminal'];
  if (os === 'android') return ['chromeOnAndroid'];
  if (os === 'mac') return ['safariOrChrome', 'terminal'];
  return os === 'linux' ? ['chromeOnLinux', 'terminal'] : ['chromeOrEdge', 'terminal'];
}

/** What to do where the browser itself, opened instead of the app, may not do either. */
function elsewhere({ os, family, familyVersion }: Identity): Step[] {
  if (os === 'android') return [];
  if (os !== 'ios') return ['terminal'];
  return (familyVersion ?? 0) < (SINCE[family].ios ?? 0) ? ['updateIos'] : [];
}

/** How to get a newer browser. */
function renewal({ os, family }: Identity): Step[] {
  if (os === 'ios') return ['updateIos'];
  if (family === 'webkit' && os === 'mac') return ['updateMac', 'safariOrChrome'];
  const others: Step =
    os === 'linux' ? 'chromeOnLinux' : os === 'android' ? 'chromeOnAndroid' : 'chromeOrEdge';
  return family === 'gecko' && os === 'windows' ? ['update'] : ['update', others];
}

/** What should be there and is not. */
function repairs(problem: 'switchedOff' | 'noAdapter', { os, family, familyVersion }: Identity): Step[] {
  if (family === 'webkit') return os === 'ios' ? ['updateIos', 'webkitFlag'] : ['updateMac', 'webkitFlag'];
  if (family === 'gecko') return ['firefoxAcceleration', 'driver', 'firefoxSupport'];
  if (family !== 'chromium') return os === 'android' ? ['chromeOnAndroid'] : ['chromeOrEdge', 'driver'];
  if (os === 'android') return ['update', 'flag', 'gpuPage'];
  const flags: Step[] = os === 'linux' ? ['flag', 'vulkanFlag'] : ['flag'];
  const arm: Step[] = os === 'windows' ? ['windowsOnArm'] : [];
  const newer: Step[] = os === 'linux' && (familyVersion ?? 0) < NVIDIA_ON_LINUX ? ['update'] : [];
  return problem === 'switchedOff'
    ? ['acceleration', ...flags, 'gpuPage']
    : [...newer, 'acceleration', 'driver', ...flags, ...arm, 'gpuPage'];
}

const NAMES = {
  ...{ chrome: 'Chrome', edge: 'Edge', opera: 'Opera', samsung: 'Samsung Internet', brave: 'Brave' },
  ...{ vivaldi: 'Vivaldi', chromium: 'Chromium', firefox: 'Firefox', safari: 'Safari' },
} as const satisfies Partial<Record<Browser, string>>;

const SYSTEM_NAMES = {
  ...{ windows: 'Windows', mac: 'macOS', linux: 'Linux', chromeos: 'ChromeOS', android: 'Android' },
  ...{ ios: 'iOS' },
} as const satisfies Partial<Record<Os, string>>;

/** What a browser's own pages begin with. */
const SCHEMES: Partial<Record<Browser, string>> = {
  ...{ edge: 'edge', opera: 'opera', brave: 'brave', vivaldi: 'vivaldi' },
};

/** What words about an advice are made from; names are the same in every language, null where there is none. */
export interface AdviceNames {
  browser: string | null;
  version: number | null;
  os: string | null;
  since: number | null;
  /** "chrome", as in chrome://gpu. */
  scheme: string;
}

export const namesOf = ({ browser, version, os, since }: Advice): AdviceNames => ({
  browser: (NAMES as Partial<Record<Browser, string>>)[browser] ?? null,
  version,
  os: (SYSTEM_NAMES as Partial<Record<Os, string>>)[os] ?? null,
  since,
  scheme: SCHEMES[browser] ?? 'chrome',
});
