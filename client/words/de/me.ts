import type { me as en } from '../en/me.ts';

const badges: (typeof en)['badges']['names'] = {
  firstRun: { name: 'Erster Lauf', why: 'ein ganzer Lauf von dir wurde angenommen' },
  tenRuns: { name: 'Zehn Läufe', why: 'zehn ganze Läufe wurden angenommen' },
  hundredRuns: { name: 'Hundert Läufe', why: 'hundert ganze Läufe wurden angenommen' },
  thousandRuns: { name: 'Tausend Läufe', why: 'tausend ganze Läufe wurden angenommen' },
  threeSweeps: { name: 'Drei Sweeps', why: 'Arbeit von dir wurde in drei Sweeps angenommen' },
  tenSweeps: { name: 'Zehn Sweeps', why: 'Arbeit von dir wurde in zehn Sweeps angenommen' },
  teamMember: { name: 'Team', why: 'du bist in einem Team' },
};

const refusals: (typeof en)['refused']['meanings'] = {
  'bad-result':
    'Die Zahlen widersprechen einander oder dem, was ein anderes Gerät für dieselben Schritte fand. Meist hat ein Grafiktreiber oder ein Browser falsch gerechnet; du hast nichts falsch gemacht.',
  'bad-checkpoint':
    'Der mitgeschickte Zustand des Netzes war nicht lesbar, also hätte kein anderes Gerät damit weitermachen können.',
  'no-such-lease':
    'Der Lauf war nicht mehr bei dir: Die Zeit dafür war abgelaufen, oder sein Sweep ist geschlossen.',
  'run-not-in-unit': 'Das Ergebnis nennt einen Lauf, den dieses Gerät nicht bekommen hatte.',
  'too-large': 'Das Ergebnis war größer, als Ergebnisse sein dürfen.',
  version: 'Die Seite war älter als der Server. Neu laden hilft.',
  other: 'Der Server konnte es nicht annehmen. Den Lauf trainiert jemand noch einmal.',
};

export const me: typeof en = {
  title: 'Deine Seite',
  lead: 'Wer dieser Browser hier ist und was aus seiner Arbeit wurde.',
  loading: 'Deine Seite wird geladen …',
  unreachable: 'Der Server ist nicht erreichbar. Prüfe die Verbindung und versuche es noch einmal.',
  retry: 'Noch einmal versuchen',
  anonymous: (digits) => `anonym ${digits}`,
  nobody: {
    title: 'Dieser Browser ist hier noch niemand',
    words:
      'Eine Identität entsteht, wenn du zum ersten Mal auf Start drückst: eine Zufallszahl, ohne Namen und ohne Adresse. Diese Seite anzusehen erzeugt keine.',
    start: 'Dieses Gerät mitrechnen lassen',
    elsewhere:
      'Machst du auf einem anderen Gerät schon mit? Dann erzeuge dort auf dieser Seite einen Link und öffne ihn hier.',
    privacy: 'Was aufgehoben wird, und wie lange',
  },
  unkept:
    'Dieser Browser speichert nichts, vielleicht weil das Fenster privat ist. Wird dieser Tab geschlossen, weiß er nicht mehr, wer er war. Nimm deine Identität vorher auf ein anderes Gerät mit, wenn du sie behalten willst.',
  unknown: {
    words:
      'Der Server kennt diese Identität nicht mehr: Sie wurde gelöscht, vielleicht auf einem anderen deiner Geräte. Vergiss sie hier, um neu anzufangen.',
  },
  who: {
    title: 'Wer du bist',
    called: 'bekannt als',
    number: 'Zufallszahl',
    since: 'dabei seit',
    name: 'Anzeigename',
    nameHelp:
      'Freiwillig; du kannst ihn jederzeit ändern oder wegnehmen. Andere sehen ihn nur, wenn du es unten so wählst.',
    save: 'Namen behalten',
    clear: 'Namen wegnehmen',
    saved: 'Der Name ist gespeichert.',
    cleared: 'Der Name ist weg. Du bist wieder anonym.',
    listed: 'Anderen meinen Namen zeigen',
    isListed: 'Andere können deinen Namen jetzt sehen.',
    isUnlisted: 'Niemand erfährt deinen Namen mehr.',
    listedHelp: (digits) =>
      `Auf den Ranglisten der Beitragenden, in deinem Team und auf den Seiten der Läufe, die du zu Ende bringst. Ausgeschaltet heißt es bei den Läufen „anonymous ${digits}“, und auf den Ranglisten zählt deine Arbeit in einer Summe mit allen, die nicht genannt werden.`,
    boards: 'Die Ranglisten',
  },
  work: {
    title: 'Deine Arbeit',
    allTime: 'insgesamt',
    lately: 'letzte 30 Tage',
    runs: 'angenommene Läufe',
    credit: 'Credit',
    creditHelp: (unit, all) =>
      `Ein Credit ist ${unit} angenommenes Rechnen, zu den Kosten der Sweeps, nie nach der Zeit, die ein Gerät angibt; deine sind ${all}. Auch Teile von Läufen zählen; ein Lauf zählt als deiner, wenn du ihn zu Ende gebracht hast.`,
    none: 'Noch wurde nichts angenommen. Der erste Lauf dauert ein paar Minuten.',
    certificate: 'Urkunde zum Ausdrucken',
    bySweep: 'Sweep für Sweep',
    runsOf: (n, isOne) => (isOne ? '1 angenommener Lauf' : `${n} angenommene Läufe`),
    finishedRuns: 'Fertige Läufe, an denen du beteiligt warst:',
    dots: 'deine Läufe sind diese Punkte',
    dotsOf: (title) => `deine Läufe sind diese Punkte: ${title}`,
    more: (n) => `${n} weitere zeigen`,
  },
  pending: {
    title: 'Unterwegs',
    none: 'Auf diesem Gerät wartet nichts.',
    waiting: (n, isOne) =>
      isOne
        ? 'Ein fertiges Ergebnis wartet auf diesem Gerät darauf, gesendet zu werden.'
        : `${n} fertige Ergebnisse warten auf diesem Gerät darauf, gesendet zu werden.`,
    held: (n, isOne) =>
      isOne ? 'Ein Lauf ist auf diesem Gerät in Arbeit.' : `${n} Läufe sind auf diesem Gerät in Arbeit.`,
    start: 'Start sendet, was wartet, und macht damit weiter.',
    page: 'Zur Trainingsseite',
    running: 'Dieser Tab trainiert gerade und sendet, was wartet.',
    parts: (n, isOne) =>
      isOne
        ? 'Ein Lauf, von dem du einen Teil trainiert hast, wartet auf ein anderes Gerät, das ihn beendet, in'
        : `${n} Läufe, von denen du einen Teil trainiert hast, warten auf andere Geräte, die sie beenden, in`,
    at: (run, step) => `Lauf ${run} bis Schritt ${step}`,
  },
  refused: {
    title: 'Nicht angenommen',
    none: 'Nichts wurde abgelehnt.',
    what: (run, step) => `Lauf ${run}, bis Schritt ${step}`,
    help: (n, days) => `Die neuesten ${n} werden hier aufgehoben, ${days} Tage lang.`,
    said: 'Der Server sagte',
    meanings: refusals,
  },
  badges: {
    title: 'Abzeichen',
    help: 'Einmal und für immer. Nichts verfällt, und nichts drängt dich zurückzukommen.',
    names: badges,
  },
  team: {
    title: 'Team',
    none: 'Du bist in keinem Team. Ein Team zählt die Arbeit seiner Mitglieder zusammen; niemand muss in einem sein.',
    name: 'Name eines neuen Teams',
    found: 'Team gründen',
    foundHelp: 'Der Name ist öffentlich. Wer eine Einladung hat, tritt bei, indem er sie öffnet.',
    member: 'Du bist in',
    invite: 'Einladung',
    inviteHelp: 'Wer diesen Link öffnet, kann beitreten. Gib ihn denen, die du im Team haben willst.',
    leave: 'Team verlassen',
    leaveAsk: 'Deine bisherige Arbeit zählt dann im Team nicht mehr mit. Verlassen?',
    leaveYes: 'Verlassen',
    stay: 'Darin bleiben',
    left: 'Du hast das Team verlassen.',
    founded: 'Das Team ist gegründet, und du bist darin.',
  },
  copy: 'Kopieren',
  copied: 'Kopiert',
  copyByHand: 'Der Text ist jetzt markiert: Kopiere ihn mit der Tastatur oder aus dem Menü.',
  move: {
    title: 'Deine Identität auf ein anderes Gerät mitnehmen',
    help: 'Ein Link macht einen anderen Browser zu derselben Identität. Er gilt einmal, zehn Minuten lang, und dieser Browser bleibt, wer er ist.',
    devices:
      'Der Server führt keine Liste deiner Geräte: Jeder Browser, in den du deine Identität mitgenommen hast, ist eines, und was sie tun, zählt zusammen.',
    make: 'Link erzeugen',
    again: 'Neuen Link erzeugen',
    link: 'Link für das andere Gerät',
    secret: 'Wer ihn öffnet, wird du. Zeig ihn sonst niemandem.',
    qr: 'QR-Code des Links, für die Kamera des anderen Geräts',
    left: (time) => `Gilt noch ${time}`,
    over: 'Der Link ist abgelaufen.',
  },
  receive: {
    title: 'Von einem anderen Gerät einziehen',
    broken:
      'Dieser Link ist nicht vollständig. Kopiere ihn ganz, oder erzeuge auf dem anderen Gerät einen neuen.',
    fresh: 'Dieser Link macht diesen Browser zu der Identität, von der er kommt.',
    replace: (name) =>
      `Dieser Browser ist schon ${name}. Wenn du weitermachst, wird er stattdessen zu der Identität, von der der Link kommt.`,
    becomes: (name) =>
      `Was ${name} getan hat, bleibt, wo es ist, und bleibt angenommen, aber dieser Browser kann nichts mehr hinzufügen, es nicht mehr benennen und nicht mehr löschen. Wenn du das noch willst, bleib, wer du bist, und erzeuge auf dieser Seite zuerst einen Link für ein anderes Gerät.`,
    yes: 'Einziehen lassen',
    yesReplace: 'Ersetzen',
    no: 'Bleiben, wer ich bin',
    ignore: 'Nicht einziehen lassen',
    close: 'Schließen',
    done: (name) => `Dieser Browser ist jetzt ${name}.`,
    same: (name) => `Dieser Browser war schon ${name}. Es hat sich nichts geändert.`,
    used: 'Dieser Link wurde schon benutzt, oder seine zehn Minuten sind um. Erzeuge auf dem anderen Gerät einen neuen.',
    stops: 'Vorher hört das Training in diesem Tab auf.',
  },
  lost: (n, isOne) =>
    isOne
      ? 'Ein fertiges Ergebnis wartet auf diesem Gerät und könnte dann nicht mehr gesendet werden. Drücke vorher auf der Trainingsseite auf Start, um es zu senden.'
      : `${n} fertige Ergebnisse warten auf diesem Gerät und könnten dann nicht mehr gesendet werden. Drücke vorher auf der Trainingsseite auf Start, um sie zu senden.`,
  lostRuns: (n, isOne) =>
    isOne
      ? 'Einen Lauf, der hier in Arbeit ist, müsste jemand anders neu beginnen.'
      : `${n} Läufe, die hier in Arbeit sind, müsste jemand anders neu beginnen.`,
  leave: {
    title: 'Deine Daten mitnehmen oder gehen',
    export: 'Was dir gehört herunterladen (JSON)',
    exportHelp:
      'Was der Server von dir und deiner Arbeit hat, in einer Datei. Seine Notizen über Arbeit, die noch läuft oder aufgegeben wurde, stehen nicht darin.',
    exported: 'Die Datei wurde heruntergeladen.',
    forget: 'Auf diesem Gerät vergessen',
    forgetHelp:
      'Der Server behält alles; nur dieser Browser weiß nicht mehr, wer er war, und was hier wartet, ist weg. Ohne ein anderes Gerät mit dieser Identität kommt niemand mehr zu ihr zurück.',
    forgetYes: 'Hier vergessen',
    forgotten: 'Dieser Browser ist wieder niemand. Deine Einstellungen sind noch da.',
    delete: 'Endgültig löschen',
    deleteHelp:
      'Gelöscht werden der Name, der Tag deines Anfangs, die Mitgliedschaft im Team, die Links und die Liste der Ablehnungen.',
    deleteStays:
      'Es bleiben die Kurven angenommener Läufe, mit Engine und Zeit, und ihr Credit, unter der Zufallszahl: Andere Ergebnisse beruhen auf ihnen, und nichts verbindet sie mehr mit dir. Die Zahl selbst bleibt mit der Zeit der Löschung, damit nie jemand als sie zurückkommen kann.',
    deleteType: (word) => `Tippe ${word}, um zu löschen`,
    deleteWord: 'löschen',
    deleteYes: 'Endgültig löschen',
    deleted: 'Die Identität ist gelöscht, hier und auf dem Server.',
    stops: 'Vorher hört das Training in diesem Tab auf.',
    keep: 'Alles behalten',
  },
  certificate: {
    title: 'Urkunde',
    print: 'Drucken',
    back: 'Zurück zu deiner Seite',
    nobody: 'Eine Urkunde sagt, was jemand beigetragen hat, und dieser Browser ist hier noch niemand.',
    nothing: 'Es gibt noch nichts zu beurkunden: Von dir wurde noch keine Arbeit angenommen.',
    heading: 'Urkunde über einen Beitrag',
    to: 'Dies besagt, dass',
    did: (runs) =>
      `der Wissenschaft ein Gerät geliehen und ${runs} zu Tabgrad beigetragen hat, einem öffentlichen Labor dafür, wie neuronale Netze lernen.`,
    runsOf: (n, isOne) => (isOne ? 'einen angenommenen Lauf' : `${n} angenommene Läufe`),
    partsOnly: 'angenommene Teile von Läufen',
    ofSweep: (runs, credit) => `angenommene Läufe: ${runs}, Credit: ${credit}`,
    team: 'Team',
    runs: 'angenommene Läufe',
    credit: 'Credit',
    creditMeans: (unit) =>
      `Ein Credit ist ${unit} angenommenes Rechnen, zu den Kosten der Sweeps, nie nach der Zeit, die ein Gerät angibt.`,
    since: 'dabei seit',
    sweeps: 'Beteiligt an den Sweeps',
    andMore: (n) => `und ${n} weitere`,
    date: 'Stand',
    accepted:
      '„Angenommen“ heißt: Der Server hat die Form jeder Kurve geprüft und sie in die öffentlichen Daten aufgenommen. Sie wurde nicht ein zweites Mal trainiert.',
    check: (name) =>
      `Das lässt sich nachsehen: Jede Kurve steht öffentlich auf der Seite ihres Sweeps, mit ihrem Digest, und die Seite eines Laufs sagt, wer ihn beendet hat, hier „${name}“. Namen müssen nicht einmalig sein, und dieses Blatt ist nicht unterschrieben.`,
    number: 'Zufallszahl',
  },
};
