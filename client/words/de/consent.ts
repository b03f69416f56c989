import type { Lending } from '../lending.ts';

export const consent: Lending['consent'] = {
  form: 'Bevor das Training beginnt',
  runs: {
    name: 'Was läuft',
    words:
      'In diesem Tab werden kleine neuronale Netze trainiert, auf der GPU oder auf dem Prozessor: Eine Sekunde Messen, nachdem du zugestimmt hast, zeigt, was schneller ist. Mit einem Sweep kommt kein Programmcode.',
  },
  load: {
    name: 'Wie viel',
    duty: (duty) =>
      `Bis zu ${duty} der Zeit, wie hier eingestellt; zieh den Regler herunter, wann immer du willst.`,
    full: 'Die ganze Zeit, wie hier eingestellt: Der Lüfter kann hörbar werden, und das Gerät braucht mehr Strom. Zieh den Regler herunter, wann immer du willst.',
    busy: (share, duty, day) =>
      `Am ${day} hat die Engine hier bei ${duty} Einstellung ${share} der Zeit gerechnet.`,
    pace: (words, day) => `Gemessen hier am ${day}: ${words}.`,
    notMeasured:
      'Wie viel das wirklich ist, wurde hier noch nicht gemessen: Das geschieht beim Training und wird dabei gezeigt.',
    unknown: 'Wie schnell dieses Gerät ist, wird gemessen, sobald du zugestimmt hast.',
    battery: {
      rest: 'Im Akkubetrieb ruht es; das lässt sich in den Einstellungen ändern.',
      train: 'Im Akkubetrieb trainiert es trotzdem, wie eingestellt.',
    },
  },
  sent: {
    name: 'Was gesendet wird',
    words: (result, most) =>
      `Von jedem Lauf die Kurven, die Zeiten und der Name der Engine: meist ${result}, höchstens ${most}. Eine zufällige Kennung dieses Browsers, wie weit die Läufe sind, und ein Anzeigename, wenn du einen angibst.`,
    state: (state, most) =>
      `Von langen Läufen auch die Gewichte, damit ein anderes Gerät weitermachen kann: meist ${state} je Mal, höchstens ${most}.`,
  },
  kept: {
    name: 'Was hier bleibt',
    words:
      'Fertige Läufe, bis der Server sie hat; alle paar Sekunden der Stand der Läufe; deine Einstellungen. Im Speicher dieses Browsers, nirgends sonst.',
  },
  never: {
    name: 'Was nie geschieht',
    words:
      'Keine andere Datei auf diesem Gerät wird gelesen. Es wird nichts geschürft. Nichts startet von selbst: Nur wo diese Seite während des Trainings erneuert werden muss, geht es im selben Tab weiter.',
  },
  ends: {
    name: 'Wie es endet',
    words:
      'Pausiere oder stoppe jederzeit, oder schließ den Tab. Kommst du bald zurück und startest wieder, macht dieses Gerät dort weiter, wo es war; bleibst du weg, tut es ein anderes. Ein Klick nimmt deine Zustimmung zurück.',
  },
  privacy: 'Alles dazu auf der Datenschutzseite',
  nameField: 'Anzeigename, freiwillig',
  nameHelp: 'Andere sehen ihn nur, wenn du das später auf deiner Seite so wählst.',
  anonymous: 'anonym',
  known: {
    before: 'Dieser Browser ist bekannt als ',
    after: '.',
    nobody: 'jemand ohne Namen',
    page: 'Deine Seite',
  },
  start: { first: 'Zustimmen und starten', again: 'Wieder starten', known: 'Starten' },
  nothingYet: 'Noch wurde nichts gestartet und nichts gesendet.',
  nothingNow: 'Nichts läuft, bevor du zustimmst.',
  agreed: (day) =>
    `Du hast am ${day} zugestimmt. Das Training beginnt trotzdem erst, wenn du auf „Starten“ drückst.`,
  withdraw: 'Zustimmung zurücknehmen',
  withdrawHow: 'Ein Klick: Es hält an und fragt wieder, bevor etwas läuft.',
  withdrawn: {
    title: 'Deine Zustimmung ist zurückgenommen',
    words: 'Hier wird nichts gerechnet, und es bleibt so, bis du wieder zustimmst.',
    identity: 'Dieser Browser weiß noch, wer du hier bist, damit deine Arbeit deine bleibt.',
    page: 'Auf deiner Seite vergessen, exportieren oder löschen',
  },
};
