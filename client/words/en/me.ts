import type { Badge } from '../../../shared/badges.ts';

const badges: Record<Badge, { name: string; why: string }> = {
  firstRun: { name: 'First run', why: 'a whole run of yours was accepted' },
  tenRuns: { name: 'Ten runs', why: 'ten whole runs were accepted' },
  hundredRuns: { name: 'A hundred runs', why: 'a hundred whole runs were accepted' },
  thousandRuns: { name: 'A thousand runs', why: 'a thousand whole runs were accepted' },
  threeSweeps: { name: 'Three sweeps', why: 'work of yours was accepted in three sweeps' },
  tenSweeps: { name: 'Ten sweeps', why: 'work of yours was accepted in ten sweeps' },
  teamMember: { name: 'Team', why: 'you are in a team' },
};

/** What a code of the server means to somebody whose work was not taken. */
const refusals = {
  'bad-result':
    'The numbers contradict each other, or what another device found for the same steps. Mostly a graphics driver or a browser computed something wrong; nothing you did.',
  'bad-checkpoint':
    'The state of the network that came along could not be read, so no other device could have gone on from it.',
  'no-such-lease': 'The run was no longer yours to train: the time for it was over, or its sweep is closed.',
  'run-not-in-unit': 'The result names a run that was not handed out to this device.',
  'too-large': 'The result was larger than results may be.',
  version: 'The page was older than the server. Loading it again helps.',
  other: 'The server could not take it. The run is trained again by somebody.',
};

export const me = {
  title: 'Your page',
  lead: 'Who this browser is here, and what became of its work.',
  loading: 'Loading your page …',
  unreachable: 'The server cannot be reached. Check the connection and try again.',
  retry: 'Try again',
  anonymous: (digits: string) => `anonymous ${digits}`,
  nobody: {
    title: 'This browser is nobody here yet',
    words:
      'An identity is made when you press Start for the first time: a random number, with no name and no address. Looking at this page makes none.',
    start: 'Lend this device',
    elsewhere:
      'Are you a volunteer on another device already? Make a link on this page there, and open it here.',
    privacy: 'What is kept, and for how long',
  },
  unkept:
    'This browser refuses to store anything, perhaps because the window is private. When this tab is closed it no longer knows who it was. Carry yourself to another device first, if you wish to stay who you are.',
  unknown: {
    words:
      'The server does not know this volunteer any more: it was deleted, perhaps on another of your devices. Forget it here to begin anew.',
  },
  who: {
    title: 'Who you are',
    called: 'known as',
    number: 'random number',
    since: 'volunteer since',
    name: 'Display name',
    nameHelp:
      'Optional, and yours to change or take away at any time. Others see it only if you say so below.',
    save: 'Keep the name',
    clear: 'Take the name away',
    saved: 'The name is kept.',
    cleared: 'The name is gone. You are anonymous again.',
    listed: 'Show my name to others',
    isListed: 'Others can see your name now.',
    isUnlisted: 'Nobody is told your name any more.',
    listedHelp: (digits: string) =>
      `On the boards of contributors, in your team, and on the pages of runs you finish. Off, runs say “anonymous ${digits}”, and on the boards your work counts in one sum with everybody who is not named.`,
    boards: 'The boards',
  },
  work: {
    title: 'Your work',
    allTime: 'all time',
    lately: 'last 30 days',
    runs: 'accepted runs',
    credit: 'credit',
    creditHelp: (unit: string, all: string) =>
      `One credit is ${unit} of accepted computing as the sweeps cost it, never the time a device claims; yours is ${all}. Parts of runs count as well; a run counts as yours when you finished it.`,
    none: 'Nothing was accepted yet. The first run takes some minutes.',
    certificate: 'Certificate to print',
    bySweep: 'Sweep by sweep',
    runsOf: (n: string, isOne: boolean) => (isOne ? '1 accepted run' : `${n} accepted runs`),
    finishedRuns: 'Finished runs you had a part in:',
    dots: 'your runs are these dots',
    dotsOf: (title: string) => `your runs are these dots: ${title}`,
    more: (n: string) => `Show ${n} more`,
  },
  pending: {
    title: 'Pending',
    none: 'Nothing waits on this device.',
    waiting: (n: string, isOne: boolean) =>
      isOne
        ? 'One finished result waits on this device to be sent.'
        : `${n} finished results wait on this device to be sent.`,
    held: (n: string, isOne: boolean) =>
      isOne ? 'One run is in hand on this device.' : `${n} runs are in hand on this device.`,
    start: 'Start sends and continues what waits.',
    page: 'To the training page',
    running: 'This tab is training now, and sends what waits.',
    parts: (n: string, isOne: boolean) =>
      isOne
        ? 'One run that you trained a part of waits for another device to finish it, in'
        : `${n} runs that you trained a part of wait for other devices to finish them, in`,
    at: (run: number, step: string) => `run ${run} to step ${step}`,
  },
  refused: {
    title: 'Not accepted',
    none: 'Nothing was refused.',
    what: (run: number, step: string) => `Run ${run}, up to step ${step}`,
    help: (n: string, days: string) => `The newest ${n} are kept here, for ${days} days.`,
    said: 'The server said',
    meanings: refusals,
  },
  badges: {
    title: 'Badges',
    help: 'Once and for good. Nothing runs out, and nothing asks you to come back.',
    names: badges,
  },
  team: {
    title: 'Team',
    none: 'You are in no team. A team adds up the work of its members; nobody has to be in one.',
    name: 'Name of a new team',
    found: 'Found a team',
    foundHelp: 'The name is public. Whoever has an invitation to a team joins by opening it.',
    member: 'You are in',
    invite: 'Invitation',
    inviteHelp: 'Whoever opens this link may join. Give it to people you want in the team.',
    leave: 'Leave the team',
    leaveAsk: 'Your work so far is taken out of the team’s sum. Leave?',
    leaveYes: 'Leave',
    stay: 'Stay in it',
    left: 'You left the team.',
    founded: 'The team is founded, and you are in it.',
  },
  copy: 'Copy',
  copied: 'Copied',
  copyByHand: 'It is selected now: copy it with your keyboard or from the menu.',
  move: {
    title: 'Carry your identity to another device',
    help: 'A link makes another browser the same volunteer. It works once, for ten minutes, and this browser stays who it is.',
    devices:
      'The server keeps no list of your devices: each browser you carried yourself to is one, and what they do counts together.',
    make: 'Make a link',
    again: 'Make another link',
    link: 'Link for the other device',
    secret: 'Whoever opens it becomes you. Show it to nobody else.',
    qr: 'QR code of the link, to be read by the camera of the other device',
    left: (time: string) => `Works for ${time} more`,
    over: 'The link has run out.',
  },
  receive: {
    title: 'Move in from another device',
    broken: 'This link is not whole. Copy all of it, or make another one on the other device.',
    fresh: 'This link makes this browser the volunteer it came from.',
    replace: (name: string) =>
      `This browser is ${name} already. If you go on, it becomes the volunteer the link came from instead.`,
    becomes: (name: string) =>
      `What ${name} did stays where it is and stays accepted, but this browser can no longer add to it, name it or delete it. If you want that, stay who you are and make a link on this page for another device first.`,
    yes: 'Move in',
    yesReplace: 'Replace it',
    no: 'Stay who I am',
    ignore: 'Do not move in',
    close: 'Close',
    done: (name: string) => `This browser is now ${name}.`,
    same: (name: string) => `This browser was ${name} already. Nothing has changed.`,
    used: 'This link was used already, or its ten minutes are over. Make another one on the other device.',
    stops: 'Training in this tab is stopped first.',
  },
  lost: (n: string, isOne: boolean) =>
    isOne
      ? 'One finished result waits on this device and could then no longer be sent. Press Start on the training page first to send it.'
      : `${n} finished results wait on this device and could then no longer be sent. Press Start on the training page first to send them.`,
  lostRuns: (n: string, isOne: boolean) =>
    isOne
      ? 'One run in hand on this device would be begun anew by somebody else.'
      : `${n} runs in hand on this device would be begun anew by somebody else.`,
  leave: {
    title: 'Take your data with you, or go',
    export: 'Download what is yours (JSON)',
    exportHelp:
      'What the server keeps of you and your work, as one file. Its notes on work in hand or given up are not in it.',
    exported: 'The file was downloaded.',
    forget: 'Forget it on this device',
    forgetHelp:
      'The server keeps everything; only this browser no longer knows who it was, and what waits here is gone. Without another device that is this volunteer, nobody can come back to it.',
    forgetYes: 'Forget it here',
    forgotten: 'This browser is nobody again. Your settings are still here.',
    delete: 'Delete it for good',
    deleteHelp:
      'Deleted are the name, the day you began, the membership in a team, the links, and the list of what was refused.',
    deleteStays:
      'What stays are the curves of accepted runs, with engine and time, and their credit, under the random number: other results rest on them, and nothing connects them to you any more. The number itself stays with the time of the deletion, so that nobody can ever come back as it.',
    deleteType: (word: string) => `Type ${word} to delete`,
    deleteWord: 'delete',
    deleteYes: 'Delete it for good',
    deleted: 'The volunteer is deleted, here and on the server.',
    stops: 'Training in this tab is stopped first.',
    keep: 'Keep everything',
  },
  certificate: {
    title: 'Certificate',
    print: 'Print',
    back: 'Back to your page',
    nobody: 'A certificate tells what a volunteer did, and this browser is nobody here yet.',
    nothing: 'There is nothing to certify yet: no work of yours was accepted so far.',
    heading: 'Certificate of contribution',
    to: 'This tells that',
    did: (runs: string) =>
      `lent a device to science and contributed ${runs} to Tabgrad, a public laboratory for how neural networks learn.`,
    runsOf: (n: string, isOne: boolean) => (isOne ? 'one accepted run' : `${n} accepted runs`),
    partsOnly: 'accepted parts of runs',
    ofSweep: (runs: string, credit: string) => `accepted runs: ${runs}, credit: ${credit}`,
    team: 'team',
    runs: 'accepted runs',
    credit: 'credit',
    creditMeans: (unit: string) =>
      `One credit is ${unit} of accepted computing, as the sweeps cost it, never the time a device claims.`,
    since: 'volunteer since',
    sweeps: 'Sweeps worked on',
    andMore: (n: string) => `and ${n} more`,
    date: 'as of',
    accepted:
      '“Accepted” means that the server checked the form of every curve and took it into the public data. It was not trained a second time.',
    check: (name: string) =>
      `It can be checked: each curve is public on the page of its sweep, with its digest, and the page of a run says who finished it, here “${name}”. Names need not be unique, and this sheet is not signed.`,
    number: 'random number',
  },
};
