import { mishaps } from './mishaps.ts';

export const log = {
  /** What the session says of itself. */
  starting: 'Starting',
  stopped: 'Stopped',
  goingOn: 'Going on',
  renewed: 'A newer version of this page was loaded; training goes on',
  measuredNext: 'The engines will be measured again at the next start',
  asksOther: 'Asking the other tab to hand over',
  handsOver: 'Another tab of this browser takes over: handing in how far the runs in hand are',
  /** Private windows. */
  forgets:
    'This browser keeps nothing of this site, as in a private window: settings, and who you are here, last until the tab is closed',
  computesWith: (engine: string) => `Computing with ${engine}`,
  otherEngine: (engine: string, because: string) => `Training with the ${engine} engine: ${because}`,
  measuredOn: (what: string, day: string) => `${what}, as measured on ${day}`,
  runs: (n: string, isOne: boolean) => (isOne ? '1 run' : `${n} runs`),
  run: (run: number) => `run ${run}`,
  runsNamed: (runs: string) => `runs ${runs}`,

  phases: {
    choosing: 'Measuring which engine is fastest on this device',
    asking: 'Asking for a unit of work',
    training: 'Training',
    delivering: 'Delivering finished work',
    paused: 'Paused. The unit in hand is kept for a minute and a half, then somebody else may finish it',
    pausedBefore: 'Paused before this page was loaded; nothing is computed until Resume is pressed',
    resting: {
      hours: (until: string) =>
        `Resting until ${until}, as the settings say; training goes on by itself then`,
      battery: 'Resting while the device is on battery; training goes on by itself when it is plugged in',
      hidden: 'Resting while this tab is hidden; training goes on by itself when it is seen',
    },
    soon: (why: string) => `${why}; asking again soon`,
    allDone: 'No sweep has work to hand out',
    noUnit: 'There is no unit for this device right now',
    busy: 'The server is busy',
    unjudged: 'The server has not judged the last runs',
    calming: 'Resting a little before asking for other work',
  },

  mishaps,

  memorised: (what: string, at: string) => `${what} memorised at ${at}`,
  generalised: (what: string, at: string, tau: string | null) =>
    `${what} generalised at ${at}${tau === null ? '' : ` (tau ${tau})`}`,
  step: (step: string) => `step ${step}`,
  stepOf: (step: string, part: string) => `step ${step} of ${part}`,
  /** The first is every part's, the second the last's. */
  part: (i: number, all: number) => `part ${i} of ${all}`,
  look: 'look at what is left',

  fetching: (dataset: string) => `Fetching the dataset ${dataset} that this work is made from`,
  fetched: (dataset: string, megabytes: string, isKept: boolean) =>
    `Fetched the dataset ${dataset}, ${megabytes} MB; ${isKept ? 'kept by this device' : 'not kept: the storage of this device is full or switched off'}`,

  got: (runs: string, title: string) => `Got ${runs} of "${title}"`,
  gotBegun: (runs: string, title: string, begun: string) =>
    `Got ${runs} of "${title}", ${begun} begun before`,
  gotGoingOn: (what: string, title: string, where: string) =>
    `Going on with ${what} of "${title}" from ${where}`,
  steps: (from: string, to: string) => `steps ${from} to ${to}`,

  engineSince: (engine: string, because: string) => `${engine}, since ${because}`,
  engineNext: (engine: string, next: string) => `${engine}; ${next} from the next runs on`,
  goneOnHere: (at: string) => `Gone on from ${at}, kept on this device.`,
  takenUp: (at: string) => `Begun by another device, or by this one on an earlier visit; taken up at ${at}.`,
  progress: { paused: 'paused', resting: 'resting', starting: 'starting' },
  progressOf: (what: string, percent: number) => `${what}, ${percent} %`,

  verdicts: {
    accepted: 'accepted',
    unneeded: 'not needed, another device was first',
    refused: 'refused',
    queued: 'waiting to be sent',
  },
  because: (verdict: string, message: string) => `${verdict}: ${message}`,
  delivered: (what: string, verdict: string, generalised: string | null) =>
    `${what} ${verdict}${generalised === null ? '' : ` (${generalised} generalised)`}`,
  partDelivered: (what: string, step: string) =>
    `${what} got to step ${step}; any device can go on from there`,
  partNot: (what: string, verdict: string) => `Part of ${what} ${verdict}`,
};
