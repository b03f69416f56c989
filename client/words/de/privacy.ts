import type { privacy as en } from '../en/privacy.ts';

const here: (typeof en)['here']['things'] = {
  identity: {
    what: 'Die Zufallszahl deiner Identität, der Schlüssel, der sie beweist, eine Zufallszahl dieses Geräts und der Anzeigename',
    until: 'bis du sie auf deiner Seite vergisst oder löschst',
  },
  nonce: {
    what: 'Eine Zufallszahl, damit eine Anmeldung, deren Antwort verloren ging, nicht zweimal geschieht',
    until: 'bis du die Identität vergisst oder löschst',
  },
  consent: { what: 'Wann du zugestimmt hast', until: 'bis du die Identität vergisst oder löschst' },
  settings: {
    what: 'Was du eingestellt hast: wie viel, wann, unter welchen Bedingungen und wofür',
    until: 'bis du die Daten dieser Seite löschst',
  },
  language: { what: 'Die Sprache, die du gewählt hast', until: 'bis du die Daten dieser Seite löschst' },
  busy: {
    what: 'Wie beschäftigt dieses Gerät beim letzten Training war, um es dir vor dem nächsten zu sagen',
    until: 'bis wieder gemessen wird',
  },
  paused: {
    what: 'Dass das Training pausiert, seit wann und wofür es lief, damit es nach dem Neuladen pausiert bleibt',
    until: 'bis du fortsetzt oder stoppst oder dieser Tab geschlossen wird',
  },
  pages: {
    what: 'Die Dateien der Seiten selbst und, sobald du trainierst, die dafür, damit sie auch ohne Verbindung aufgehen',
    until: 'bis eine neuere Fassung an ihre Stelle tritt',
  },
  engine: {
    what: 'Welche Engine hier am schnellsten war: ihr Name, der Name des Grafikgeräts und die gemessenen Zeiten',
    until: 'bis wieder gemessen wird',
  },
  renewal: {
    what: 'Womit es weitergeht, während die Seite neu geladen wird, weil der Server eine neuere Version hat',
    until: 'bis dieser Tab geschlossen wird',
  },
  researcherToken: {
    what: 'Der Schlüssel von Forschenden, nur auf Wunsch',
    until: 'bis dieser Tab geschlossen wird',
  },
  outbox: { what: 'Fertige Ergebnisse auf dem Weg zum Server', until: 'bis der Server geantwortet hat' },
  states: {
    what: 'Wo die Läufe in Arbeit stehen, damit ein Absturz nur Sekunden kostet: Gewichte und Kurven',
    until: 'bis sie fertig sind oder neuere da sind',
  },
  segments: {
    what: 'Gewichte unfertiger Läufe, mit denen ein anderes Gerät weitermachen soll',
    until: 'bis der Server sie hat',
  },
  datasets: {
    what: 'Öffentliche Daten, mit denen Netze trainiert werden',
    until: 'bis der Platz für andere gebraucht wird',
  },
};

const there: (typeof en)['there']['things'] = {
  volunteer: {
    what: 'Deine Zufallszahl, der Tag, an dem sie entstand, dein Anzeigename, falls du einen angibst, und ob andere ihn sehen dürfen',
    until:
      'bis du sie löschst; danach nur noch die Zahl und wann sie gelöscht wurde, damit ihr Schlüssel nie wieder gilt',
    who: 'Die Seiten der Läufe sagen „anonymous“ und vier Ziffern der Zahl. Sie und die Ranglisten nennen den Namen nur, wenn du das gewählt hast.',
  },
  team: {
    what: 'Dein Team',
    until: 'bis du es verlässt oder dich löschst',
    who: 'Sein Name und die Summe seiner Arbeit sind öffentlich; du wirst dort nur genannt, wenn du das gewählt hast.',
  },
  results: {
    what: 'Angenommene Ergebnisse (siehe unten), und welche davon deine sind',
    until: 'für immer: Andere Ergebnisse beruhen auf ihnen',
    who: 'Die Ergebnisse alle: Sie sind die öffentlichen Daten. Welche deine sind, nur du; die Seite eines Laufs sagt, von wem der letzte Teil war, wie oben.',
  },
  credit: {
    what: 'Wie viele Läufe und wie viel Credit von dir angenommen wurden: je Sweep und für jeden der letzten dreißig Tage mit Arbeit',
    until: 'für immer; hast du dich gelöscht, unter einer Zufallszahl ohne Namen',
    who: 'Du; alle in Summen von vielen, und mit Namen nur, wenn du das gewählt hast.',
  },
  refused: {
    what: 'Deine neuesten nicht angenommenen Ergebnisse, mit dem Grund',
    until: 'höchstens neunzig Tage, oder bis neuere an ihre Stelle treten oder du dich löschst',
    who: 'Nur du.',
  },
  weights: {
    what: 'Gewichte langer Läufe, damit ein anderes Gerät mit ihnen weitermachen kann',
    until:
      'bis eine Woche, nachdem kein Lauf sie mehr braucht; Schnappschüsse, mit denen andere Läufe beginnen, für immer',
    who: 'Wer mitmacht und ihren Digest kennt; nichts verrät, wer sie geschickt hat.',
  },
  live: {
    what: 'Welche Läufe deine Geräte in Arbeit haben: die Zufallszahlen von Identität und Gerät, seit wann, wie weit, ihre Kurven bisher, und warum ein Gerät einen aufgegeben hat',
    until:
      'bis diese Läufe fertig sind, und für immer, wenn kein Gerät sie beenden konnte; die Kurven bisher nur im Arbeitsspeicher, bis sie abgegeben sind oder das Gerät einige Minuten weg ist',
    who: 'Alle sehen die Kurven bisher und warum Läufe aufgegeben wurden, ohne Namen.',
  },
  moves: {
    what: 'Ein Link, der dich auf ein anderes Gerät mitnimmt: nur ein Fingerabdruck seines Codes',
    until: 'bis er benutzt wurde, oder höchstens eine Stunde, nachdem seine zehn Minuten um sind',
    who: 'Niemand.',
  },
  address: {
    what: 'Der Netzteil deiner Internetadresse, wenn eine Identität entsteht, ein Team gegründet oder ein Link benutzt wird: gezählt, damit das niemand massenhaft tut',
    until: 'etwa eine Minute, in einem Zähler; aufgeschrieben wird sie nirgends',
    who: 'Niemand.',
  },
  backups: {
    what: 'Frühere Stände der Datenbanken, um sie nach einem Missgeschick zurückzuholen, also auch, was du seitdem gelöscht hast',
    until: 'höchstens dreißig Tage',
    who: 'Wer diesen Server betreibt.',
  },
  logs: {
    what: 'Fehler des Servers selbst: was schiefging, ohne Adresse, Schlüssel oder Namen',
    until: 'so lange, wie der Betreiber des Rechenzentrums seine Protokolle behält',
    who: 'Wer diesen Server betreibt. Das Rechenzentrum, das ihn trägt, sieht wie jedes die Adresse jeder Anfrage.',
  },
};

export const privacy: typeof en = {
  title: 'Datenschutz',
  lead: 'Was diese Seite von dir weiß, wo das liegt, wie lange, und wer es sieht.',
  short: {
    title: 'Kurz gesagt',
    nothing: 'Lesen kostet nichts: keine Identität, kein Cookie, keine Zählung der Besuche.',
    press:
      'Gerechnet wird erst, wenn du auf Start drückst. Gesendet werden dann Zahlen über Netze und eine Zufallszahl, die sagt, dass sie von derselben Identität kommen.',
    third:
      'Nichts von anderen wird geladen: keine Schriften, keine Skripte, keine Bilder, keine Analyse. Die Seite verbietet es sich selbst, und dein Browser setzt das durch.',
    files: 'Keine Datei von dir wird gelesen. Nichts wird geschürft.',
  },
  until: 'wie lange',
  who: 'wer es sieht',
  where: 'wo im Browser',
  here: {
    title: 'Auf diesem Gerät',
    help: 'Im eigenen Speicher dieses Browsers für diese Seite. Niemand sonst kann ihn sehen, und dein Browser kann alles davon mit den Daten dieser Seite löschen.',
    table: 'Was dieser Browser behält',
    tabs: 'Tabs dieses Browsers sagen einander, dass einer von ihnen trainiert. Wer die Identität auf seiner Seite vergisst oder löscht, entfernt auch die Ergebnisse, Gewichte und Läufe in Arbeit, die hier liegen.',
    things: here,
    places: {
      localStorage: 'Local Storage',
      sessionStorage: 'Session Storage',
      IndexedDB: 'Datenbank (IndexedDB)',
      OPFS: 'private Dateien dieser Seite',
      Cache: 'Cache dieser Seite',
    },
  },
  there: { title: 'Auf dem Server', table: 'Was der Server behält', things: there },
  result: {
    title: 'Was ein Ergebnis enthält',
    words:
      'Welcher Lauf welches Sweeps, von welchem Schritt bis zu welchem; die Kurve der Verluste und Genauigkeiten; Digests der Gewichte; Name und Version der Engine; wie lange das Gerät gebraucht hat. Dazu kommen die Zufallszahlen der Identität und des Geräts, wie schnell das Gerät nach eigener Angabe ist und wofür du am liebsten rechnest.',
    not: 'Es enthält nicht: deine Adresse, welchen Browser oder welches System du hast, den Namen deiner Grafikkarte, die Uhrzeit deines Geräts oder irgendetwas, das du außer dem Anzeigenamen geschrieben hast.',
  },
  withdraw: {
    title: 'Wie du es beendest',
    pause:
      'Pause oder Stopp auf der Trainingsseite, oder den Tab schließen: Von da an wird nichts gerechnet.',
    name: 'Den Namen wegnehmen, ihn vor anderen verbergen oder dein Team verlassen, auf deiner Seite: sofort.',
    export:
      'Auf deiner Seite herunterladen, was der Server von dir hat, außer seinen Notizen über Arbeit, die noch läuft oder aufgegeben wurde.',
    forget: 'Die Identität auf diesem Gerät vergessen: Dann hat dieser Browser nichts mehr davon.',
    delete:
      'Die Identität auf deiner Seite löschen: Der Server entfernt alles außer den angenommenen Kurven und ihrem Credit, und die bleiben unter einer Zufallszahl, die nichts mehr mit dir verbindet.',
    left: 'Was danach noch hier liegt, etwa Einstellungen und Sprache, verschwindet mit den Daten dieser Seite in den Einstellungen deines Browsers.',
    page: 'Deine Seite',
  },
  cookies: {
    title: 'Cookies und andere Seiten',
    words:
      'Es gibt keine Cookies. Links zu anderen Seiten verraten diesen höchstens die Adresse dieser Seite. Das Programm ist freie Software, also lässt sich all das nachprüfen.',
  },
};
