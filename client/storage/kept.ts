// Everything that Tabgrad may keep in a browser, under the names it has in the code. The privacy page lists it, and a test
// finds what is missing here.

export const KEPT = {
  'tabgrad.volunteer': { in: 'localStorage', is: 'identity' },
  'tabgrad.nonce': { in: 'localStorage', is: 'nonce' },
  'tabgrad.consent': { in: 'localStorage', is: 'consent' },
  'tabgrad.settings': { in: 'localStorage', is: 'settings' },
  'tabgrad.language': { in: 'localStorage', is: 'language' },
  'tabgrad.engine': { in: 'localStorage', is: 'engine' },
  'tabgrad.busy': { in: 'localStorage', is: 'busy' },
  'tabgrad.paused': { in: 'sessionStorage', is: 'paused' },
  'tabgrad.renewal': { in: 'sessionStorage', is: 'renewal' },
  'tabgrad.researcher-token': { in: 'sessionStorage', is: 'researcherToken' },
  'tabgrad-outbox-1': { in: 'IndexedDB', is: 'outbox' },
  'tabgrad-states-1': { in: 'OPFS', is: 'states' },
  'tabgrad-segments-1': { in: 'OPFS', is: 'segments' },
  'tabgrad-datasets-1': { in: 'OPFS', is: 'datasets' },
  'tabgrad-pages-': { in: 'Cache', is: 'pages' },
} as const;

export type KeptName = keyof typeof KEPT;
/** What it is; the words of the privacy page are by these. */
export type KeptThing = (typeof KEPT)[KeptName]['is'];
