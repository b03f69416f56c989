import type { mishaps as en } from '../en/mishaps.ts';

const results = (n: number) => (n === 1 ? '1 fertiges Ergebnis' : `${n} fertige Ergebnisse`);

/** What the server or the connection says most often is said in German. */
const KNOWN = {
  network: 'Der Server ist nicht zu erreichen.',
  busy: 'Der Server ist beschäftigt.',
  serverFault: 'Der Server hat einen Fehler gemacht.',
} as const;

export const mishaps: typeof en = {
  notRenewed:
    'Der Server hat eine neuere Fassung dieser Seite, und neues Laden hat sie nicht gebracht. Bitte schließ diesen Tab und öffne ihn in ein paar Minuten wieder: Was fertig ist, bleibt aufgehoben und wird geschickt, wenn du das nächste Mal auf „Start“ drückst.',
  notHandedOver:
    'Der andere Tab dieses Browsers hat nicht aufgehört. Vielleicht schläft er: Hol ihn nach vorn oder schließ ihn, dann starte hier noch einmal.',
  ended: (reason) => `Das Training hat unerwartet aufgehört: ${reason}.`,
  notLoaded:
    'Was trainiert, konnte nicht geladen werden oder endete ohne Grund. Prüf die Verbindung und lade diese Seite neu.',
  elsewhere: 'Ein anderer Tab dieses Browsers trainiert schon.',
  noEngine: (trials) => `Keine Engine funktioniert hier. ${trials}`,
  stoppedWorking: (engine, reason) => `${engine} funktioniert nicht mehr: ${reason}`,
  nextEngine: (what) => `${what}. Weiter mit der nächsten Engine`,
  doesNotStart: (runs, reason, most) =>
    `${runs} Läufe auf einmal lassen sich nicht beginnen (${reason}); nun ${most}`,
  tooSlow: (runs, stepMs, most) =>
    `Ein Schritt von ${runs} Läufen dauert ${stepMs} ms; nun ${most} auf einmal`,
  goingOnFrom: (step, reason) => `Weiter ab Schritt ${step}: ${reason}`,

  disputed: (run, reason) =>
    `Mit Lauf ${run} geht es nicht von dort weiter, wo er verlassen wurde: ${reason}. Er wird zurückgegeben`,
  unsuited: (title, reason) =>
    `Keine Engine dieses Geräts kann „${title}“ trainieren: ${reason}. Die Arbeit wird zurückgegeben`,
  unusableData: (title, reason) =>
    `Die Daten von „${title}“ sind nicht zu gebrauchen: ${reason}. Die Arbeit wird zurückgegeben`,
  unusableParent: (title, reason) =>
    `Was „${title}“ von anderen Läufen braucht, ist nicht zu haben: ${reason}. Die Arbeit wird zurückgegeben`,

  tryingAgain: (reason, kind, isKept, seconds) => {
    const said = kind !== null && kind in KNOWN ? KNOWN[kind as keyof typeof KNOWN] : reason;
    return `${said}${isKept ? ' Fertige Arbeit ist aufgehoben.' : ''} Neuer Versuch in ${seconds} s.`;
  },
  foreign: (n) =>
    `${results(n)} von jemandem, den dieses Gerät vergessen hat, ${n === 1 ? 'kann' : 'können'} nicht mehr abgeliefert werden; jemand anderes trainiert ${n === 1 ? 'es' : 'sie'} noch einmal.`,
  stateNotFound: (run, step) =>
    `Lauf ${run} bis Schritt ${step} konnte nicht abgeliefert werden: Der Server findet seinen Zustand nicht. Er bleibt hier aufgehoben und wird beim nächsten Start geschickt.`,
  undelivered: (n) =>
    `${results(n)} ${n === 1 ? 'konnte' : 'konnten'} noch nicht abgeliefert werden, ${n === 1 ? 'bleibt' : 'bleiben'} hier aufgehoben und ${n === 1 ? 'wird' : 'werden'} beim nächsten Start geschickt.`,
  lost: (n) =>
    `${results(n)} ${n === 1 ? 'konnte' : 'konnten'} nicht abgeliefert werden; jemand anderes trainiert ${n === 1 ? 'es' : 'sie'} noch einmal.`,

  damaged: (n) =>
    `${results(n)} ${n === 1 ? 'war' : 'waren'} auf diesem Gerät beschädigt und ${n === 1 ? 'kann' : 'können'} nicht geschickt werden.`,
  tooMany: (most) =>
    `Mehr als ${most} fertige Ergebnisse warten auf den Server; die ältesten werden aufgegeben.`,
  workNotKept: (reason) =>
    `Dieses Gerät hebt fertige Arbeit nicht auf (${reason}). Bis sie abgeliefert ist, lebt sie nur so lange wie dieser Tab oder dieses Programm: Lass es offen.`,
  runsNotKept:
    'Dieses Gerät hebt die laufenden Läufe nicht auf: Sein Speicher ist voll oder abgeschaltet. Endet dieser Tab oder dieses Programm unerwartet, werden ihre letzten Minuten noch einmal trainiert.',
};
