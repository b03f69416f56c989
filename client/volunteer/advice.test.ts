import { expect, test } from 'vitest';
import { LENDING } from '../words/lending.ts';
import { type Advice, adviceFor, type Facts, namesOf } from './advice.ts';

const CHROME = (system: string, version: number, more = '') =>
  `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36${more}`;
const ANDROID = (version: number, more = '') =>
  `Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)${more} Chrome/${version}.0.0.0 Mobile Safari/537.36`;
const FIREFOX = (system: string, version: number) =>
  `Mozilla/5.0 (${system}; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`;
const SAFARI = (version: number) =>
  `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${version}.0 Safari/605.1.15`;
const IPHONE = (name: string, system = '18_7') =>
  `Mozilla/5.0 (iPhone; CPU iPhone OS ${system} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) ${name} Mobile/15E148 Safari/604.1`;
const WINDOWS = 'Windows NT 10.0; Win64; x64';
const MAC = 'Macintosh; Intel Mac OS X 10_15_7';
const LINUX = 'X11; Linux x86_64';

/** A browser that can everything but WebGPU. */
const facts = (userAgent: string, more: Partial<Facts> = {}): Facts => ({
  ...{ userAgent, isSecureContext: true, hasGpu: false, hasAdapter: null },
  ...{ hasWasm: true, hasWorker: true, hasLocks: true, hasOpfs: true },
  ...more,
});
const BLOCKED = { hasGpu: true, hasAdapter: false };

test.each<[string, Facts, Partial<Advice>]>([
  [
    'Debian’s Firefox',
    facts(FIREFOX(LINUX, 153)),
    {
      ...{ browser: 'firefox', version: 153, os: 'linux', problem: 'unsupported', since: null },
      steps: ['chromeOnLinux', 'firefoxNightly', 'terminal'],
    },
  ],
  [
    'an old Firefox on Windows',
    facts(FIREFOX(WINDOWS, 128)),
    { problem: 'outdated', since: 141, steps: ['update'] },
  ],
  [
    'a Firefox on Windows that has it switched off',
    facts(FIREFOX(WINDOWS, 145)),
    { problem: 'switchedOff', steps: ['firefoxAcceleration', 'driver', 'firefoxSupport'] },
  ],
  [
    'a Firefox on a Mac with a processor of Intel',
    facts(FIREFOX('Macintosh; Intel Mac OS X 10.15', 150)),
    { problem: 'unsupported', steps: ['safariOrChrome', 'terminal'] },
  ],
  [
    'a Firefox on Android',
    facts('Mozilla/5.0 (Android 14; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0'),
    { os: 'android', problem: 'unsupported', steps: ['chromeOnAndroid'] },
  ],
  [
    'an old Chrome on Linux',
    facts(CHROME(LINUX, 138)),
    { problem: 'flag', since: 144, steps: ['update', 'flag', 'vulkanFlag'] },
  ],
  [
    'a Chrome on Linux whose driver is blocked',
    facts(CHROME(LINUX, 156), BLOCKED),
    {
      problem: 'noAdapter',
      since: null,
      steps: ['acceleration', 'driver', 'flag', 'vulkanFlag', 'gpuPage'],
    },
  ],
  [
    'a Chrome on Linux for which its NVIDIA card may be too new',
    facts(CHROME(LINUX, 145), BLOCKED),
    {
      problem: 'noAdapter',
      steps: ['update', 'acceleration', 'driver', 'flag', 'vulkanFlag', 'gpuPage'],
    },
  ],
  [
    'a window within another app on Android',
    facts(ANDROID(150, ' Version/4.0').replace('; K', '; K; wv')),
    { browser: 'app', os: 'android', steps: ['openInBrowser'] },
  ],
  [
    'a Chrome on Windows that has it switched off',
    facts(CHROME(WINDOWS, 150)),
    { problem: 'switchedOff', steps: ['acceleration', 'flag', 'gpuPage'] },
  ],
  [
    'an Edge on Windows whose driver is blocked',
    facts(CHROME(WINDOWS, 150, ' Edg/150.0.0.0'), BLOCKED),
    { browser: 'edge', steps: ['acceleration', 'driver', 'flag', 'windowsOnArm', 'gpuPage'] },
  ],
  [
    'an old Chrome on a Mac',
    facts(CHROME(MAC, 109)),
    { problem: 'outdated', since: 113, steps: ['update', 'chromeOrEdge'] },
  ],
  [
    'an old Chrome on Android',
    facts(ANDROID(119)),
    { problem: 'outdated', since: 121, steps: ['update', 'chromeOnAndroid'] },
  ],
  [
    'a Samsung Internet on Android',
    facts(ANDROID(121, ' SamsungBrowser/25.0'), BLOCKED),
    { browser: 'samsung', version: 25, steps: ['update', 'flag', 'gpuPage'] },
  ],
  [
    'a Safari before WebGPU',
    facts(SAFARI(18)),
    { browser: 'safari', problem: 'outdated', since: 26, steps: ['updateMac', 'safariOrChrome'] },
  ],
  [
    'a Safari that has it switched off',
    facts(SAFARI(26)),
    { problem: 'switchedOff', steps: ['updateMac', 'webkitFlag'] },
  ],
  [
    'an iPhone before iOS 26',
    facts(IPHONE('Version/18.7')),
    { browser: 'safari', os: 'ios', problem: 'outdated', since: 26, steps: ['updateIos'] },
  ],
  [
    'a Chrome on such an iPhone, which is no other',
    facts(IPHONE('CriOS/150.0.0.0')),
    { browser: 'chrome', os: 'ios', problem: 'outdated', since: 26, steps: ['updateIos'] },
  ],
  [
    'an iPad, which calls itself a Mac',
    facts(SAFARI(18), { touchPoints: 5 }),
    { os: 'ios', steps: ['updateIos'] },
  ],
  [
    'a window within another app',
    facts(`${IPHONE('Version/18.7')} [FBAN/FBIOS;FBAV/500]`),
    { browser: 'app', problem: 'unsupported', since: null, steps: ['openInBrowser', 'updateIos'] },
  ],
  [
    'a Brave, which says so elsewhere',
    facts(CHROME(WINDOWS, 150), { brands: ['Chromium', 'Brave'] }),
    { browser: 'brave', problem: 'switchedOff' },
  ],
  ['what nobody knows', facts('curl/8.5'), { problem: 'unknown', steps: ['chromeOrEdge', 'terminal'] }],
])('%s trains on the processor, and its user is told why and what to do', (_, given, expected) => {
  expect(adviceFor(given)).toMatchObject({ can: 'wasm', ...expected });
});

test('where all is well nothing is said', () => {
  const advice = adviceFor(facts(CHROME(WINDOWS, 150), { hasGpu: true, hasAdapter: true }));
  expect(advice).toMatchObject({ can: 'webgpu', problem: null, steps: [] });
});

test('a private window that keeps nothing is told so, whatever else it lacks', () => {
  const good = adviceFor(facts(CHROME(WINDOWS, 150), { hasGpu: true, hasAdapter: true, hasOpfs: false }));
  expect(good).toMatchObject({ can: 'webgpu', problem: null, steps: ['ordinaryWindow'] });
  expect(adviceFor(facts(FIREFOX(LINUX, 153), { hasOpfs: false })).steps.at(-1)).toBe('ordinaryWindow');
});

test('what cannot train at all gets a way out, and a replay', () => {
  const insecure = adviceFor(facts(CHROME(WINDOWS, 150), { isSecureContext: false, hasLocks: false }));
  expect(insecure).toMatchObject({
    can: 'nothing',
    problem: 'insecure',
    steps: ['openSecurely', 'replay'],
  });
  const old = adviceFor(facts(FIREFOX(LINUX, 78), { hasWasm: false }));
  expect(old).toMatchObject({
    can: 'nothing',
    problem: 'tooOld',
    steps: ['update', 'chromeOnLinux', 'replay'],
  });
});

const SYSTEMS = [WINDOWS, MAC, LINUX, 'X11; CrOS x86_64 14541.0.0', 'Linux; Android 10; K'];
const VERSIONS = [60, 113, 120, 140, 144, 150, 160];
const AGENTS = [
  ...SYSTEMS.flatMap((system) => VERSIONS.flatMap((n) => [CHROME(system, n), FIREFOX(system, n)])),
  ...[16, 18, 26, 27].flatMap((n) => [SAFARI(n), IPHONE(`Version/${n}.0`), IPHONE('FxiOS/145.0')]),
  ...[`${ANDROID(150)} Instagram 300`, '', 'Mozilla/5.0 (PlayStation 5) AppleWebKit/605.1.15'],
];

test('nobody without WebGPU is left without something to do, in either language', () => {
  for (const agent of AGENTS) {
    for (const more of [{}, BLOCKED, { hasWasm: false }, { isSecureContext: false }]) {
      const advice = adviceFor(facts(agent, more));
      const names = namesOf(advice);
      expect(advice.steps.length, agent).toBeGreaterThan(0);
      expect(advice.problem, agent).not.toBeNull();
      for (const { device } of Object.values(LENDING)) {
        const problem = device.advice.problem[advice.problem as NonNullable<Advice['problem']>](names);
        const said = [problem, ...advice.steps.map((step) => device.advice.step[step](names))];
        for (const one of said) expect(one).not.toMatch(/null|undefined|NaN|\[object/);
      }
    }
  }
});

test('addresses of a browser’s own pages begin as that browser has them', () => {
  const edge = namesOf(adviceFor(facts(CHROME(WINDOWS, 150, ' Edg/150.0.0.0'), BLOCKED)));
  expect(LENDING.en.device.advice.step.gpuPage(edge)).toContain('edge://gpu');
});
