import type { Lending } from '../lending.ts';

export const run: Lending['run'] = {
  title: 'Dieses Gerät mitrechnen lassen',
  controls: 'Steuerung',
  pause: 'Pause',
  resume: 'Weiter',
  stop: 'Stopp',
  finish: (these) => `${these} fertig rechnen`,
  finishing: () => 'Wird noch fertig gerechnet',
  thisRun: 'Diesen Lauf',
  theseRuns: (n) => `Diese ${n} Läufe`,
  starting: 'Es geht los …',
  inHand: 'Die laufenden Läufe',
  lastRuns: 'Die letzten Läufe',
  oneOf: (run, all) => `Lauf ${run} aus einem Sweep von ${all}: `,
  manyOf: (runs, all) => `${runs} zusammen aus einem Sweep von ${all}: `,
  part: (name, words) => `${name}: ${words}. Die Schritte zählen von seinem Anfang an.`,
  curve: (metric, which) =>
    `${metric} auf Trainings- und Testdaten von ${which}, auf logarithmischer Achse der Schritte, wie sie wächst.`,
  bold: (run, label, seed) => `Lauf ${run} (${label}, Seed ${seed})`,
  others: (bold, n, isOne) =>
    `Fett, mit Fähnchen und Zahlen, ist ${bold}; ${isOne ? 'der andere Lauf ist' : `die anderen ${n} sind`} dünn.`,
  steps: { part: 'Schritte dieses Teils', one: 'Schritte dieses Laufs', many: 'Schritte dieser Läufe' },
  stepOf: (step, all) => `Schritt ${step} von ${all}`,
  facts: {
    now: 'jetzt',
    tMem: 'auswendig gelernt, tMem',
    tGen: 'verallgemeinert, tGen',
    pace: 'ms je Schritt und Lauf',
    share: 'der Zeit, gemessen',
    together: 'Läufe gleichzeitig',
    engine: 'Engine',
    device: 'rechnet auf',
  },
  shareOver: (share, seconds) => `${share} % von ${seconds} s`,
  milestones: (threshold, times) =>
    `tMem und tGen sind die ersten Schritte, von denen an die Genauigkeit auf den Trainings- und den Testdaten bei ${times} Auswertungen hintereinander mindestens ${threshold} beträgt.`,
  processor: (threads, isOne) => `Prozessor, ${threads} ${isOne ? 'Thread' : 'Threads'}`,
  last: 'trainiert die letzten Läufe',
  phases: {
    choosing: 'wählt eine Engine',
    asking: 'fragt nach Arbeit',
    training: 'trainiert',
    waiting: 'wartet',
    paused: 'pausiert',
    resting: 'ruht',
    delivering: 'liefert ab',
    stopped: 'gestoppt',
    starting: 'beginnt',
  },
  rest: {
    hours: (until) =>
      `Ruht bis ${until}, wie du es eingestellt hast. Dann geht das Training von selbst weiter.`,
    battery: 'Ruht im Akkubetrieb, wie du es eingestellt hast. Am Strom geht das Training von selbst weiter.',
    hidden: 'Ruht, solange dieser Tab verborgen ist, wie du es eingestellt hast.',
  },
  before: {
    title: 'Noch pausiert',
    since: (when) => `Pausiert seit ${when}. Es wird nichts gerechnet, bis du auf „Weiter“ drückst.`,
  },
  elsewhere: {
    title: 'Ein anderer Tab dieses Browsers trainiert',
    words: 'Immer nur einer, damit sie sich das Gerät nicht streitig machen. Dieser hier schaut zu.',
    here: 'Stattdessen hier trainieren',
    taking: 'Wartet darauf, dass der andere Tab übergibt',
  },
  notKept: {
    title: 'Dieser Browser behält nichts',
    words:
      'So ist es in privaten Fenstern und bei manchen Einstellungen. Trainiert wird trotzdem, aber ein Neuladen vergisst, wer du bist, deine Einstellungen und was noch nicht abgeliefert ist: Lass diesen Tab bis dahin offen.',
  },
  offline: {
    title: 'Keine Verbindung',
    waiting: (runs, isOne) =>
      `${runs} ${isOne ? 'wartet' : 'warten'} auf diesem Gerät und ${isOne ? 'wird' : 'werden'} gesendet, sobald sie wieder da ist.`,
  },
  kept: {
    held: (what, at) => [`Dieses Gerät hat ${what} aus `, ` bei ${at}.`],
    run: (run) => `Lauf ${run}`,
    runs: (runs, which) => `${runs} (${which})`,
    step: (step) => `Schritt ${step}`,
    steps: (least, most) => `Schritt ${least} bis ${most}`,
    waiting: (n, isOne) =>
      `${n} ${isOne ? 'fertiges Ergebnis wartet' : 'fertige Ergebnisse warten'} darauf, gesendet zu werden.`,
    start: {
      sends: (isOne) => `„Starten“ sendet ${isOne ? 'es' : 'sie'}.`,
      goesOn: (isOne) =>
        `„Starten“ macht mit ${isOne ? 'dem Lauf' : 'den Läufen'} weiter, sofern nicht ein anderes Gerät übernommen hat.`,
      both: (isOneResult, isOneRun) =>
        `„Starten“ sendet ${isOneResult ? 'es' : 'sie'} und macht mit ${isOneRun ? 'dem Lauf' : 'den Läufen'} weiter, sofern nicht ein anderes Gerät übernommen hat.`,
    },
  },
  finished: {
    title: (runs, accepted) => `Bei diesem Besuch fertig: ${runs}, ${accepted} angenommen`,
    waiting: (runs, isOne) =>
      `${runs} ${isOne ? 'wartet' : 'warten'} darauf, gesendet zu werden: auf diesem Gerät aufgehoben, bis der Server ${isOne ? 'ihn' : 'sie'} hat, auch über ein Neuladen hinweg.`,
    newest: (n) => `Die neuesten ${n} sind:`,
    run: (run) => `Lauf ${run}`,
    seed: (label, seed) => `${label}, Seed ${seed}`,
    diverged: (step) => `divergiert bei Schritt ${step}`,
    untold: 'nicht gesagt',
  },
  log: 'Was geschehen ist',
  replay: {
    title: 'Wie das aussieht',
    none: 'Hier wird ein aufgezeichneter Lauf noch einmal abgespielt, sobald alle Läufe einer Konfiguration trainiert sind und einer davon verallgemeinert hat. Noch gibt es keinen: Deiner kann der erste sein.',
    failed: 'Der aufgezeichnete Lauf ließ sich nicht holen.',
  },
  show: 'die Schau',
};
