import type { AdviceNames } from '../../volunteer/advice.ts';

const here = ({ browser, version, os }: Pick<AdviceNames, 'browser' | 'version' | 'os'>): string =>
  `${browser ? [browser, version].filter((part) => part !== null).join(' ') : 'This browser'}${os ? ` on ${os}` : ''}`;

/** What the device and the browser can, and what to do where they cannot. */
export const device = {
  advice: {
    title: 'About this browser',
    runs: {
      webgpu: 'The graphics card can train here.',
      wasm: 'You can take part all the same: the processor trains instead of the graphics card. How fast it is here is measured once you have agreed, not guessed.',
      nothing: 'Nothing can be trained in this browser as it is now.',
    },
    measured: (engine: string, ms: string) =>
      `Measured on this device: ${engine} takes ${ms} ms per step and run.`,
    ratio: (fast: string, slow: string, times: string) =>
      `Measured on this device: ${fast} is ${times} times as fast as ${slow}.`,
    todo: 'What you can do',
    replay: 'Watch a network learn',
    problem: {
      insecure: () =>
        'This page did not come over https, and browsers lend neither graphics cards nor locks to such pages.',
      tooOld: (names: AdviceNames) =>
        `${here(names)} is too old to train: it lacks WebAssembly with vectors, web workers or web locks.`,
      outdated: (names: AdviceNames) =>
        names.since === null
          ? `${here(names)} has no WebGPU yet; newer versions have it.`
          : `${here(names)} has no WebGPU yet; it came with version ${names.since}.`,
      flag: (names: AdviceNames) =>
        `${here(names)} has WebGPU only behind a flag${names.since === null ? '' : `; from version ${names.since} on it is there by itself for many graphics cards`}.`,
      unsupported: (names: AdviceNames) =>
        names.browser === 'Firefox' && names.os === 'macOS'
          ? `${here(names)} has WebGPU on Apple silicon, not on Intel processors.`
          : `${here(names)} has no WebGPU.`,
      switchedOff: (names: AdviceNames) => `${here(names)} could have WebGPU, but it is switched off.`,
      noAdapter: (names: AdviceNames) =>
        `${here(names)} has WebGPU but offers no graphics adapter: the driver is blocked or too old, or graphics acceleration is off.`,
      unknown: () => 'This browser has no WebGPU.',
    },
    step: {
      openSecurely: () =>
        'Open this page with https:// at the front, or on the computer it runs on as localhost.',
      update: ({ browser, since }: AdviceNames) =>
        `Update ${browser ?? 'your browser'} to ${since === null ? 'the newest version' : `version ${since} or newer`}.`,
      updateIos: () =>
        'Update the device to iOS or iPadOS 26 or newer: Settings › General › Software Update. Every browser there uses the engine of the system, so another browser does not help.',
      updateMac: () => 'Update to Safari 26 or newer: System Settings › General › Software Update.',
      flag: ({ scheme }: AdviceNames) =>
        `Open ${scheme}://flags/#enable-unsafe-webgpu, choose Enabled and start the browser again.`,
      vulkanFlag: ({ scheme }: AdviceNames) =>
        `If that is not enough, also enable ${scheme}://flags/#enable-vulkan.`,
      acceleration: ({ scheme }: AdviceNames) =>
        `Open ${scheme}://settings/system, switch graphics acceleration on and start the browser again.`,
      gpuPage: ({ scheme }: AdviceNames) =>
        `Look at ${scheme}://gpu: the line WebGPU says what is missing and why.`,
      driver: () => 'Update the driver of the graphics card, then start the computer again.',
      windowsOnArm: () => 'On Windows for ARM processors WebGPU needs that flag.',
      firefoxAcceleration: () =>
        'Open about:preferences, look for Performance, use the recommended settings and start Firefox again.',
      firefoxSupport: () => 'Look at about:support: under Graphics it says why WebGPU is blocked.',
      firefoxNightly: () => 'Firefox Nightly has WebGPU on Linux; the ordinary Firefox follows.',
      webkitFlag: ({ os }: AdviceNames): string =>
        os === 'iOS'
          ? 'On iOS 26 or newer look at Settings › Apps › Safari › Advanced › Feature Flags: WebGPU must be on.'
          : 'Look at Safari › Settings › Feature Flags: WebGPU must be on.',
      openInBrowser: () => 'This is a window within another app. Open the page in the browser itself.',
      chromeOnLinux: () =>
        'Chrome or Chromium has WebGPU on Linux: from version 144 for Intel chips of generation 12 and newer, from 147 for NVIDIA.',
      chromeOnAndroid: () => 'Chrome 121 or newer has WebGPU on Android 12 and newer.',
      safariOrChrome: () => 'Safari 26 and Chrome have WebGPU on every Mac that runs them.',
      chromeOrEdge: () => 'Chrome and Edge have WebGPU.',
      terminal: () => 'Or lend the computer from a terminal, without a browser: tabgrad volunteer.',
      ordinaryWindow: () =>
        'This window keeps nothing, as private windows do: a run in hand is lost when it is closed. An ordinary window keeps it.',
      replay: () => 'Until then, watch one that was trained before: the front page plays it.',
    },
  },
  engine: {
    title: 'Engine',
    measure: 'Measure again',
    measuring: 'Measuring',
    earlier: (day: string) =>
      `Measured on ${day}, on an earlier visit. A small network was measured; runs may take longer.`,
    now: 'Measured on this visit. A small network was measured; runs may take longer.',
    trials: 'What was measured',
    on: (device: string) => ` on ${device}`,
    notTried: 'was not tried',
    share: (percent: string, ceiling: string) =>
      `That is ${percent} of what this device could do at most for the small network it was measured with (a measured ceiling of ${ceiling} a second).`,
    shareUnknown: 'How near that is to what this device could do at most was not measured.',
    roofline: {
      summary: 'What “at most” means',
      model:
        'A device can neither compute faster than its arithmetic units nor faster than its memory delivers. The lower of the two is its roofline for a network (Williams, Waterman and Patterson 2009).',
      peak: (rate: string) =>
        `Arithmetic: ${rate} a second, measured right after the choice with nothing but multiplications and additions.`,
      bandwidth: (rate: string) =>
        `Memory: ${rate} a second, measured by copying as much as all the runs in hand keep.`,
      step: (flops: string, size: string) =>
        `A step of a run of the benchmark takes ${flops} in its matrix products, as the engine computes them, and must at least read and write ${size}: its weights, the optimiser’s state and the data.`,
      bound: {
        compute: 'So for this network the arithmetic is the limit.',
        memory: 'So for this network the memory is the limit.',
      },
      above:
        'More than all of it means that the ceiling was measured too low, in a moment when something else was using the device.',
    },
  },
  /** What to do where it would pass by itself, but the training ended with it. */
  ended: 'Press Start again in a little while. What is finished is kept here.',
  trouble: {
    todo: 'What you can do:',
    original: 'The original words',
    deviceHung: {
      what: 'The graphics card took too long and the system took it away.',
      todo: 'Nothing at first: training goes on by itself with smaller portions. If it comes again, close other programs that use the graphics card, or lower the share of the time in the settings.',
    },
    deviceRemoved: {
      what: 'The graphics card was taken away, for instance because its driver was updated or restarted.',
      todo: 'Nothing at first: it is asked for again by itself. If it does not come back, start the browser again.',
    },
    deviceLost: {
      what: 'The graphics card went away, as after sleep or when the browser needed it elsewhere.',
      todo: 'Nothing at first: it is asked for again by itself, and runs go on from where they were kept. If it comes again and again, update the graphics driver.',
    },
    gpuMemory: {
      what: 'The graphics card has not enough free memory for this work.',
      todo: 'Close other tabs and programs that use the graphics card, then measure again. Meanwhile fewer runs are trained at once, or another engine takes over.',
    },
    shader: {
      what: 'The graphics driver refuses a program that this work needs.',
      todo: 'Update the browser and the graphics driver. Until then another engine takes over.',
    },
    noAdapter: {
      what: 'The browser offers no graphics adapter.',
      todo: 'Switch graphics acceleration on in the settings of the browser, and update the graphics driver. The processor trains meanwhile.',
    },
    wasmMemory: {
      what: 'There is not enough memory for this work.',
      todo: 'Close other tabs and programs. Work that does not fit is handed back for a larger device.',
    },
    threadStopped: {
      what: 'The browser ended one of the threads that train.',
      todo: 'Mostly that is a lack of memory: close other tabs. If it comes again, load this page anew.',
    },
    notLoaded: {
      what: 'A part of the program could not be loaded.',
      todo: 'Check the connection and load this page anew. Finished work is kept.',
    },
    noEngine: {
      what: 'Nothing on this device can train.',
      todo: 'See the advice for this browser; another browser or the terminal may do.',
    },
    unsuited: {
      what: 'There is work that no engine of this device can do; it was handed back.',
      todo: 'Nothing: other work is asked for. Other sweeps may suit this device better.',
    },
    notKept: {
      what: 'The browser keeps nothing here: the disk is full, or this is a private window.',
      todo: 'Leave this tab open until the work is delivered. Free some space, or use an ordinary window.',
    },
    network: {
      what: 'The server cannot be reached.',
      todo: 'Nothing, if it is only the connection: training goes on, finished work waits and is delivered later.',
    },
    busy: {
      what: 'The server is busy.',
      todo: 'Nothing: it is asked again in a little while, and nothing is lost.',
    },
    version: {
      what: 'The server speaks a newer version than this page.',
      todo: 'Load this page anew. What is finished and what is in hand is kept.',
    },
    elsewhere: {
      what: 'Another tab of this browser trains already; two would do the same work twice.',
      todo: 'Go on there, or have this tab take over.',
    },
    unknownHere: {
      what: 'The server no longer knows this browser.',
      todo: 'Load this page anew and start again. If you have an identity on another device, move it here first.',
    },
    refused: {
      what: 'The server did not take what was sent.',
      todo: 'Nothing: the reason stands with the run on your page, and other work is asked for.',
    },
    lapsed: {
      what: 'This device was away for too long, and its work was given to somebody else.',
      todo: 'Nothing: what came too late is not counted twice, and other work is asked for.',
    },
    handedBack: {
      what: 'Work could not be gone on with, because what it is made from is damaged or missing.',
      todo: 'Nothing: it was handed back, and other work is asked for.',
    },
    undelivered: {
      what: 'Finished work could not be delivered.',
      todo: 'Start again once the server can be reached: what is kept here is sent first.',
    },
    damaged: {
      what: 'Finished work that was kept here was damaged and cannot be sent.',
      todo: 'Nothing: somebody trains it again. If it comes again, the disk may be full or failing.',
    },
    serverFault: {
      what: 'The server made a mistake.',
      todo: 'Nothing: it is asked again by itself. If it goes on for hours, tell those who run the server.',
    },
  },
};
