export const run = {
  title: 'Lend this device',
  controls: 'Controls',
  pause: 'Pause',
  resume: 'Resume',
  stop: 'Stop',
  finish: (these: string) => `Finish ${these}`,
  finishing: (these: string) => `Finishing ${these}`,
  thisRun: 'this run',
  theseRuns: (n: string) => `these ${n} runs`,
  starting: 'Starting …',
  inHand: 'The runs in hand',
  lastRuns: 'The last runs',
  oneOf: (run: number, all: string) => `Run ${run} in a sweep of ${all}: `,
  manyOf: (runs: string, all: string) => `${runs} together in a sweep of ${all}: `,
  part: (name: string, words: string) => `${name}: ${words}. Steps are counted from its beginning.`,
  curve: (metric: string, which: string) =>
    `Train and test ${metric} of ${which}, on a logarithmic axis of steps, as it grows.`,
  bold: (run: number, label: string, seed: number) => `run ${run} (${label}, seed ${seed})`,
  others: (bold: string, n: string, isOne: boolean) =>
    `Bold, with its flags and numbers, is ${bold}; the other ${isOne ? 'run is' : `${n} are`} thin.`,
  steps: { part: 'Steps of this part', one: 'Steps of this run', many: 'Steps of these runs' },
  stepOf: (step: string, all: string) => `step ${step} of ${all}`,
  facts: {
    now: 'now',
    tMem: 'memorised, tMem',
    tGen: 'generalised, tGen',
    pace: 'ms per step and run',
    share: 'of the time, measured',
    together: 'runs at once',
    engine: 'engine',
    device: 'computing on',
  },
  shareOver: (share: number, seconds: number) => `${share} % of ${seconds} s`,
  milestones: (threshold: string, times: string) =>
    `tMem and tGen are the first steps from which on the accuracy, on training and on test data, is at least ${threshold} for ${times} evaluations in a row.`,
  processor: (threads: string, isOne: boolean) => `processor, ${threads} ${isOne ? 'thread' : 'threads'}`,
  last: 'training the last runs',
  phases: {
    choosing: 'choosing an engine',
    asking: 'asking for work',
    training: 'training',
    waiting: 'waiting',
    paused: 'paused',
    resting: 'resting',
    delivering: 'delivering',
    stopped: 'stopped',
    starting: 'starting',
  },
  rest: {
    hours: (until: string) => `Resting until ${until}, as your hours say. Training goes on by itself then.`,
    battery: 'Resting while the device is on battery, as you set. Training goes on when it is plugged in.',
    hidden: 'Resting while this tab is hidden, as you set.',
  },
  before: {
    title: 'Still paused',
    since: (when: string) => `Paused since ${when}. Nothing is computed until you press Resume.`,
  },
  elsewhere: {
    title: 'Another tab of this browser trains',
    words: 'One tab at a time, so that they do not take the device from each other. This one looks on.',
    here: 'Train here instead',
    taking: 'Waiting for the other tab to hand over',
  },
  notKept: {
    title: 'This browser keeps nothing',
    words:
      'Private windows and some settings are so. It trains all the same, but a reload forgets who you are, your settings and what is not delivered yet: leave this tab open until it is.',
  },
  offline: {
    title: 'No connection',
    waiting: (runs: string, isOne: boolean) =>
      `${runs} ${isOne ? 'waits' : 'wait'} on this device and will be sent when it is back.`,
  },
  kept: {
    held: (what: string, at: string): [before: string, after: string] => [
      `This device holds ${what} of `,
      ` at ${at}.`,
    ],
    run: (run: number) => `run ${run}`,
    runs: (runs: string, which: string) => `${runs} (${which})`,
    step: (step: string) => `step ${step}`,
    steps: (least: string, most: string) => `steps ${least} to ${most}`,
    waiting: (n: string, isOne: boolean) =>
      `${n} finished ${isOne ? 'result waits' : 'results wait'} to be sent.`,
    start: {
      sends: (isOne: boolean) => `Start sends ${isOne ? 'it' : 'them'}.`,
      goesOn: (isOne: boolean) =>
        `Start goes on with the ${isOne ? 'run' : 'runs'}, unless another device has taken over.`,
      both: (isOneResult: boolean, isOneRun: boolean) =>
        `Start sends ${isOneResult ? 'it' : 'them'} and goes on with the ${isOneRun ? 'run' : 'runs'}, unless another device has taken over.`,
    },
  },
  finished: {
    title: (runs: string, accepted: string) => `Finished on this visit: ${runs}, ${accepted} accepted`,
    waiting: (runs: string, isOne: boolean) =>
      `${runs} ${isOne ? 'waits' : 'wait'} to be sent: kept on this device until the server has ${isOne ? 'it' : 'them'}, through a reload too.`,
    newest: (n: string) => `The newest ${n} are:`,
    run: (run: number) => `run ${run}`,
    seed: (label: string, seed: number) => `${label}, seed ${seed}`,
    diverged: (step: string) => `diverged at step ${step}`,
    untold: 'not told',
  },
  log: 'What happened',
  replay: {
    title: 'What it looks like',
    none: 'Here a recorded run is played again, once all runs of one configuration have been trained and one of them has generalised. There is none yet: yours may be the first.',
    failed: 'The recorded run could not be fetched.',
  },
  show: 'the show',
};
