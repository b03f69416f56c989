export const consent = {
  form: 'Before training starts',
  runs: {
    name: 'What runs',
    words:
      'Small neural networks are trained in this tab, on the GPU or on the processor: a second of measuring, after you agree, tells which is faster. No code comes with a sweep.',
  },
  load: {
    name: 'How much',
    duty: (duty: string) => `Up to ${duty} of the time, as set here; pull the slider down whenever you like.`,
    full: 'All of the time, as set here: the fan may spin up, and more electricity is used. Pull the slider down whenever you like.',
    busy: (share: string, duty: string, day: string) =>
      `On ${day}, set to ${duty}, the engine here computed ${share} of the time.`,
    pace: (words: string, day: string) => `Measured here on ${day}: ${words}.`,
    notMeasured:
      'How much of the time that really is has not been measured here yet; it is measured and shown while it trains.',
    unknown: 'How fast this device is gets measured once you have agreed.',
    battery: {
      rest: 'On battery it rests; the settings can change that.',
      train: 'On battery it trains all the same, as set.',
    },
  },
  sent: {
    name: 'What is sent',
    words: (result: string, most: string) =>
      `Of each run its curves, timings and the name of the engine: typically ${result}, at most ${most}. A random id of this browser, how far the runs in hand are, and a display name if you give one.`,
    state: (state: string, most: string) =>
      `Of long runs the weights too, so that another device can go on from them: typically ${state} each time, at most ${most}.`,
  },
  kept: {
    name: 'What is kept here',
    words:
      'Finished runs, until the server has them; every few seconds the state of the runs in hand; your settings. In this browser’s storage, nowhere else.',
  },
  never: {
    name: 'What never happens',
    words:
      'No other file on this device is read. Nothing is mined. It never starts by itself: only where this page must be renewed while it trains does it go on, in the same tab.',
  },
  ends: {
    name: 'How it ends',
    words:
      'Pause or stop at any time, or close the tab. Come back soon and press Start, and this device goes on where it was; if you stay away, another one does. One click takes your consent back.',
  },
  privacy: 'All of it, on the privacy page',
  nameField: 'Display name, optional',
  nameHelp: 'Others see it only if you choose so later, on your page.',
  anonymous: 'anonymous',
  known: {
    before: 'This browser is known as ',
    after: '.',
    nobody: 'an anonymous volunteer',
    page: 'Your page',
  },
  start: { first: 'Agree and start', again: 'Start again', known: 'Start' },
  nothingYet: 'Nothing has been started or sent.',
  nothingNow: 'Nothing runs before you agree.',
  agreed: (day: string) => `You agreed on ${day}. Training still starts only when you press Start.`,
  withdraw: 'Withdraw my consent',
  withdrawHow: 'One click: it stops, and asks again before anything runs.',
  withdrawn: {
    title: 'Your consent is withdrawn',
    words: 'Nothing is computed here, and nothing will be before you agree again.',
    identity: 'This browser still knows which volunteer it is, so that your work stays yours.',
    page: 'Forget, export or delete it on your page',
  },
};
