import type { log as en } from '../en/log.ts';
import { mishaps } from './mishaps.ts';

export const log: typeof en = {
  starting: 'Es geht los',
  stopped: 'Beendet',
  goingOn: 'Es geht weiter',
  renewed: 'Eine neuere Fassung dieser Seite wurde geladen; das Training geht weiter',
  measuredNext: 'Beim nächsten Start werden die Engines neu gemessen',
  asksOther: 'Bitte an den anderen Tab, zu übergeben',
  handsOver: 'Ein anderer Tab dieses Browsers übernimmt: Der Stand der laufenden Läufe wird abgegeben',
  forgets:
    'Dieser Browser behält nichts von dieser Seite, wie in einem privaten Fenster: Einstellungen, und wer du hier bist, gelten, bis der Tab geschlossen wird',
  computesWith: (engine) => `Gerechnet wird mit ${engine}`,
  otherEngine: (engine, because) => `Trainiert wird mit der Engine ${engine}: ${because}`,
  measuredOn: (what, day) => `${what}, gemessen am ${day}`,
  runs: (n, isOne) => (isOne ? '1 Lauf' : `${n} Läufe`),
  run: (run) => `Lauf ${run}`,
  runsNamed: (runs) => `Läufe ${runs}`,

  phases: {
    choosing: 'Es wird gemessen, welche Engine auf diesem Gerät am schnellsten ist',
    asking: 'Bitte um ein Stück Arbeit',
    training: 'Training',
    delivering: 'Fertige Arbeit wird abgeliefert',
    paused:
      'Pause. Das Stück Arbeit wird anderthalb Minuten freigehalten, dann darf jemand anderes es zu Ende bringen',
    pausedBefore:
      'Schon vor dem Laden dieser Seite in Pause; gerechnet wird erst wieder nach einem Druck auf „Weiter“',
    resting: {
      hours: (until) => `Ruhe bis ${until}, wie eingestellt; danach geht es von selbst weiter`,
      battery: 'Ruhe, solange das Gerät am Akku hängt; am Netz geht es von selbst weiter',
      hidden: 'Ruhe, solange dieser Tab verdeckt ist; danach geht es von selbst weiter',
    },
    soon: (why) => `${why}; bald wird wieder gefragt`,
    allDone: 'Kein Sweep hat gerade Arbeit zu vergeben',
    noUnit: 'Für dieses Gerät gibt es gerade nichts zu tun',
    busy: 'Der Server ist beschäftigt',
    unjudged: 'Der Server hat über die letzten Läufe noch nicht geurteilt',
    calming: 'Eine kleine Ruhe, bevor nach anderer Arbeit gefragt wird',
  },

  mishaps,

  memorised: (what, at) => `${what} auswendig gelernt bei ${at}`,
  generalised: (what, at, tau) => `${what} verallgemeinert bei ${at}${tau === null ? '' : ` (tau ${tau})`}`,
  step: (step) => `Schritt ${step}`,
  stepOf: (step, part) => `Schritt ${step} von ${part}`,
  part: (i, all) => `Teil ${i} von ${all}`,
  look: 'ansehen, was übrig ist',

  fetching: (dataset) => `Der Datensatz ${dataset} wird geholt, aus dem diese Arbeit gemacht ist`,
  fetched: (dataset, megabytes, isKept) =>
    `Datensatz ${dataset} geholt, ${megabytes.replace('.', ',')} MB; ${isKept ? 'auf diesem Gerät aufgehoben' : 'nicht aufgehoben: Der Speicher dieses Geräts ist voll oder abgeschaltet'}`,

  got: (runs, title) => `${runs} von „${title}“ bekommen`,
  gotBegun: (runs, title, begun) => `${runs} von „${title}“ bekommen, davon ${begun} schon begonnen`,
  gotGoingOn: (what, title, where) => `Es geht weiter mit: ${what} von „${title}“ ab ${where}`,
  steps: (from, to) => `den Schritten ${from} bis ${to}`,

  engineSince: (engine, because) => `${engine}, denn: ${because}`,
  engineNext: (engine, next) => `${engine}; ab den nächsten Läufen ${next}`,
  goneOnHere: (at) => `Weitergeführt ab ${at}, auf diesem Gerät aufgehoben.`,
  takenUp: (at) =>
    `Von einem anderen Gerät begonnen, oder von diesem bei einem früheren Besuch; aufgenommen bei ${at}.`,
  progress: { paused: 'Pause', resting: 'Ruhe', starting: 'es geht los' },
  progressOf: (what, percent) => `${what}, ${percent} %`,

  verdicts: {
    accepted: 'angenommen',
    unneeded: 'nicht gebraucht, ein anderes Gerät war schneller',
    refused: 'abgelehnt',
    queued: 'wartet aufs Senden',
  },
  because: (verdict, message) => `${verdict}: ${message}`,
  delivered: (what, verdict, generalised) =>
    `${what} ${verdict}${generalised === null ? '' : ` (${generalised} verallgemeinert)`}`,
  partDelivered: (what, step) => `${what} bis Schritt ${step}; jedes Gerät kann von dort weitermachen`,
  partNot: (what, verdict) => `Teil von ${what}: ${verdict}`,
};
