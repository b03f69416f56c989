import type { KeptThing } from '../../storage/kept.ts';

/** What this browser keeps, each with how long. Nobody else sees any of it. */
const here: Record<KeptThing, { what: string; until: string }> = {
  identity: {
    what: 'The random number of the volunteer, the token that proves it, a random number of this device, and the display name',
    until: 'until you forget or delete it on your page',
  },
  nonce: {
    what: 'A random number, so that a registration whose answer was lost is not made twice',
    until: 'until you forget or delete the volunteer',
  },
  consent: { what: 'When you agreed', until: 'until you forget or delete the volunteer' },
  settings: {
    what: 'What you set: how much, when, on which conditions, and for what',
    until: 'until you delete the data of this site',
  },
  language: { what: 'The language you chose', until: 'until you delete the data of this site' },
  busy: {
    what: 'How busy this device was when it last trained, to tell you before the next time',
    until: 'until it is measured again',
  },
  paused: {
    what: 'That training is paused, since when, and what it worked for, so that a reload stays paused',
    until: 'until you resume or stop, or this tab is closed',
  },
  pages: {
    what: 'The files of the pages themselves, and once you train those of training, so that they open without a connection',
    until: 'until a newer version has taken their place',
  },
  engine: {
    what: 'Which engine was fastest here: its name, the name of the graphics device, and the times measured',
    until: 'until it is measured again',
  },
  renewal: {
    what: 'What to go on with while the page is loaded anew because the server has a newer version',
    until: 'until this tab is closed',
  },
  researcherToken: {
    what: 'The token of a researcher, only if asked to be kept',
    until: 'until this tab is closed',
  },
  outbox: { what: 'Finished results on their way to the server', until: 'until the server has answered' },
  states: {
    what: 'Where the runs in hand stand, so that a crash costs seconds: weights and curves',
    until: 'until they are finished, or replaced by newer ones',
  },
  segments: {
    what: 'Weights of unfinished runs that another device is to go on from',
    until: 'until the server has them',
  },
  datasets: {
    what: 'Public data that networks are trained on',
    until: 'until room is needed for other data',
  },
};

/** What the server keeps, each with how long and for whom. */
const there = {
  volunteer: {
    what: 'Your random number, the day it was made, your display name if you give one, and whether others may see it',
    until:
      'until you delete it; after that only the number and when it was deleted, so that its token is refused for good',
    who: 'Pages of runs say “anonymous” and four digits of the number. They and the boards say the name only if you chose so.',
  },
  team: {
    what: 'Your team',
    until: 'until you leave it or delete yourself',
    who: 'Its name and the sum of its work are public; you are named there only if you chose so.',
  },
  results: {
    what: 'Accepted results (see below), and which of them are yours',
    until: 'for good: other results rest on them',
    who: 'The results everybody: they are the public data. Which are yours, only you; the page of a run says whose the last part was, as above.',
  },
  credit: {
    what: 'How many runs and how much credit were accepted from you: for each sweep, and for each of the last thirty days of work',
    until: 'for good; once you deleted yourself, under a random number without a name',
    who: 'You; everybody in sums of many, and by name only if you chose so.',
  },
  refused: {
    what: 'Your newest results that were not accepted, with the reason',
    until: 'ninety days at most, or until newer ones take their place or you delete yourself',
    who: 'Only you.',
  },
  weights: {
    what: 'Weights of long runs, so that another device can go on from them',
    until: 'until a week after no run needs them any more; snapshots that other runs begin from, for good',
    who: 'Volunteers who know their digest; nothing tells who sent them.',
  },
  live: {
    what: 'Which runs your devices have in hand: the random numbers of volunteer and device, since when, how far, their curves so far, and why a device gave one up',
    until:
      'until those runs are finished, and for good if no device could finish them; the curves so far only in memory, until they are handed in or the device is gone for some minutes',
    who: 'Everybody sees the curves so far, and why runs were given up, without a name.',
  },
  moves: {
    what: 'A link that carries you to another device: only a fingerprint of its code',
    until: 'until it was used, or at most an hour after its ten minutes are over',
    who: 'Nobody.',
  },
  address: {
    what: 'The network part of your internet address, when an identity is made, a team is founded or a link is used: counted, so that nobody does that in masses',
    until: 'about a minute, in a counter; it is written nowhere',
    who: 'Nobody.',
  },
  backups: {
    what: 'Earlier states of the databases, to bring them back after a mishap, so also what you deleted since',
    until: 'thirty days at most',
    who: 'Whoever runs this server.',
  },
  logs: {
    what: 'Errors of the server itself: what went wrong, without address, token or name',
    until: 'as long as the host keeps its logs',
    who: 'Whoever runs this server. The host that carries it sees the address of every request, as every host does.',
  },
};

export const privacy = {
  title: 'Privacy',
  lead: 'What this site knows of you, where that lies, how long, and who sees it.',
  short: {
    title: 'In short',
    nothing: 'Reading costs nothing: no identity, no cookie, no counting of visits.',
    press:
      'Training starts only when you press Start. What is sent then are numbers about networks, and a random number that says they came from the same volunteer.',
    third:
      'Nothing of anyone else is loaded: no fonts, no scripts, no pictures, no analytics. The page forbids it to itself, and your browser enforces that.',
    files: 'No file of yours is read. Nothing is mined.',
  },
  until: 'how long',
  who: 'who sees it',
  where: 'where in the browser',
  here: {
    title: 'On this device',
    help: 'In this browser’s own storage for this site. Nobody else can see it, and your browser can delete all of it with the data of this site.',
    table: 'What this browser keeps',
    tabs: 'Tabs of this browser tell each other that one of them trains. Forgetting or deleting the volunteer on your page also removes the results, weights and runs in hand that lie here.',
    things: here,
    places: {
      localStorage: 'local storage',
      sessionStorage: 'session storage',
      IndexedDB: 'database (IndexedDB)',
      OPFS: 'private files of this site',
      Cache: 'cache of this site',
    },
  },
  there: { title: 'On the server', table: 'What the server keeps', things: there },
  result: {
    title: 'What a result contains',
    words:
      'Which run of which sweep, from which step to which; the curve of losses and accuracies; digests of the weights; the name and version of the engine; how long the device took. With it go the random numbers of the volunteer and of the device, how fast the device says it is, and what you would rather work for.',
    not: 'It does not contain: your address, what browser or system you have, the name of your graphics card, the time of day on your device, or anything you wrote beyond the display name.',
  },
  withdraw: {
    title: 'How to end it',
    pause: 'Pause or stop on the training page, or close the tab: from then on nothing is computed.',
    name: 'Take your name away, hide it from others, or leave your team on your page: at once.',
    export: 'Download what the server has of you on your page, but its notes on work in hand or given up.',
    forget: 'Forget the volunteer on this device: then this browser has nothing of it any more.',
    delete:
      'Delete the volunteer on your page: the server removes everything but the accepted curves and their credit, which stay under a random number that nothing connects to you any more.',
    left: 'What is left here after that, such as settings and the language, goes with the data of this site in the settings of your browser.',
    page: 'Your page',
  },
  cookies: {
    title: 'Cookies and other sites',
    words:
      'There are no cookies. Links to other sites tell them at most the address of this site. The code is free software, so all of this can be checked.',
  },
};
