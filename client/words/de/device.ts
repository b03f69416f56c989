import type { AdviceNames } from '../../volunteer/advice.ts';
import type { Lending } from '../lending.ts';

const here = ({ browser, version, os }: Pick<AdviceNames, 'browser' | 'version' | 'os'>): string =>
  `${browser ? [browser, version].filter((part) => part !== null).join(' ') : 'Dieser Browser'}${os ? ` unter ${os}` : ''}`;

export const device: Lending['device'] = {
  advice: {
    title: 'Zu diesem Browser',
    runs: {
      webgpu: 'Hier kann die Grafikkarte trainieren.',
      wasm: 'Du kannst trotzdem mitmachen: Statt der Grafikkarte trainiert der Prozessor. Wie schnell er hier ist, wird gemessen, sobald du zugestimmt hast, und nicht geschätzt.',
      nothing: 'So, wie dieser Browser jetzt ist, lässt sich darin nichts trainieren.',
    },
    measured: (engine, ms) => `Auf diesem Gerät gemessen: ${engine} braucht ${ms} ms je Schritt und Lauf.`,
    ratio: (fast, slow, times) =>
      `Auf diesem Gerät gemessen: ${fast} ist ${times}-mal so schnell wie ${slow}.`,
    todo: 'Was du tun kannst',
    replay: 'Einem Netz beim Lernen zusehen',
    problem: {
      insecure: () =>
        'Diese Seite kam nicht über https, und solchen Seiten geben Browser weder Grafikkarten noch Sperren.',
      tooOld: (names) =>
        `${here(names)} ist zu alt zum Trainieren: Es fehlen WebAssembly mit Vektoren, Web Worker oder Web Locks.`,
      outdated: (names) =>
        names.since === null
          ? `${here(names)} hat noch kein WebGPU; neuere Versionen haben es.`
          : `${here(names)} hat noch kein WebGPU; es kam mit Version ${names.since}.`,
      flag: (names) =>
        `${here(names)} hat WebGPU nur hinter einem Schalter${names.since === null ? '' : `; ab Version ${names.since} ist es für viele Grafikkarten von selbst da`}.`,
      unsupported: (names) =>
        names.browser === 'Firefox' && names.os === 'macOS'
          ? `${here(names)} hat WebGPU auf Apple-Chips, nicht auf Prozessoren von Intel.`
          : `${here(names)} hat kein WebGPU.`,
      switchedOff: (names) => `${here(names)} könnte WebGPU haben, aber es ist abgeschaltet.`,
      noAdapter: (names) =>
        `${here(names)} hat WebGPU, bietet aber keine Grafikkarte an: Der Treiber ist gesperrt oder zu alt, oder die Grafikbeschleunigung ist aus.`,
      unknown: () => 'Dieser Browser hat kein WebGPU.',
    },
    step: {
      openSecurely: () =>
        'Öffne diese Seite mit https:// am Anfang oder auf dem Rechner, auf dem sie läuft, als localhost.',
      update: ({ browser, since }) =>
        `Bring ${browser ?? 'deinen Browser'} auf ${since === null ? 'die neueste Version' : `Version ${since} oder neuer`}.`,
      updateIos: () =>
        'Bring das Gerät auf iOS oder iPadOS 26 oder neuer: Einstellungen › Allgemein › Softwareupdate. Dort nutzt jeder Browser die Technik des Systems; ein anderer hilft also nicht.',
      updateMac: () => 'Bring Safari auf 26 oder neuer: Systemeinstellungen › Allgemein › Softwareupdate.',
      flag: ({ scheme }) =>
        `Öffne ${scheme}://flags/#enable-unsafe-webgpu, wähle Enabled und starte den Browser neu.`,
      vulkanFlag: ({ scheme }) => `Wenn das nicht reicht, schalte auch ${scheme}://flags/#enable-vulkan ein.`,
      acceleration: ({ scheme }) =>
        `Öffne ${scheme}://settings/system, schalte die Grafikbeschleunigung ein und starte den Browser neu.`,
      gpuPage: ({ scheme }) => `Sieh unter ${scheme}://gpu nach: Die Zeile WebGPU sagt, was fehlt und warum.`,
      driver: () => 'Erneuere den Treiber der Grafikkarte und starte dann den Rechner neu.',
      windowsOnArm: () => 'Unter Windows für ARM-Prozessoren braucht WebGPU diesen Schalter.',
      firefoxAcceleration: () =>
        'Öffne about:preferences, suche nach Leistung, nimm die empfohlenen Einstellungen und starte Firefox neu.',
      firefoxSupport: () => 'Sieh unter about:support nach: Bei Grafik steht, warum WebGPU gesperrt ist.',
      firefoxNightly: () => 'Firefox Nightly hat WebGPU unter Linux; der gewöhnliche Firefox folgt.',
      webkitFlag: ({ os }) =>
        os === 'iOS'
          ? 'Sieh ab iOS 26 unter Einstellungen › Apps › Safari › Erweitert › Feature Flags nach: WebGPU muss an sein.'
          : 'Sieh unter Safari › Einstellungen › Feature Flags nach: WebGPU muss an sein.',
      openInBrowser: () =>
        'Das hier ist ein Fenster innerhalb einer anderen App. Öffne die Seite im Browser selbst.',
      chromeOnLinux: () =>
        'Chrome und Chromium haben WebGPU unter Linux: ab Version 144 für Chips von Intel ab Generation 12, ab 147 für NVIDIA.',
      chromeOnAndroid: () => 'Chrome ab 121 hat WebGPU auf Android ab 12.',
      safariOrChrome: () => 'Safari 26 und Chrome haben WebGPU auf jedem Mac, auf dem sie laufen.',
      chromeOrEdge: () => 'Chrome und Edge haben WebGPU.',
      terminal: () => 'Oder lass den Rechner ganz ohne Browser mitrechnen, im Terminal: tabgrad volunteer.',
      ordinaryWindow: () =>
        'Dieses Fenster behält nichts, wie private Fenster: Ein Lauf in Arbeit ist verloren, wenn du es schließt. Ein gewöhnliches Fenster behält ihn.',
      replay: () => 'Sieh bis dahin einem zu, der schon trainiert wurde: Die Startseite spielt ihn ab.',
    },
  },
  engine: {
    title: 'Engine',
    measure: 'Noch einmal messen',
    measuring: 'Es wird gemessen',
    earlier: (day) =>
      `Gemessen am ${day}, bei einem früheren Besuch. Es war ein kleines Netz; Läufe können länger brauchen.`,
    now: 'Gemessen bei diesem Besuch. Es war ein kleines Netz; Läufe können länger brauchen.',
    trials: 'Was gemessen wurde',
    on: (device) => ` auf ${device}`,
    notTried: 'wurde nicht versucht',
    share: (percent, ceiling) =>
      `Das sind ${percent} dessen, was dieses Gerät für das kleine Netz der Messung höchstens könnte (gemessene Obergrenze: ${ceiling} je Sekunde).`,
    shareUnknown: 'Wie nahe das an dem liegt, was dieses Gerät höchstens könnte, wurde nicht gemessen.',
    roofline: {
      summary: 'Was „höchstens“ heißt',
      model:
        'Ein Gerät rechnet weder schneller als seine Rechenwerke noch schneller, als sein Speicher liefert. Das Kleinere von beidem ist die Dachlinie (roofline) für ein Netz (Williams, Waterman und Patterson 2009).',
      peak: (rate) =>
        `Rechnen: ${rate} je Sekunde, gleich nach der Wahl mit nichts als Multiplikationen und Additionen gemessen.`,
      bandwidth: (rate) =>
        `Speicher: ${rate} je Sekunde, gemessen beim Kopieren von so viel, wie alle Läufe in Arbeit behalten.`,
      step: (flops, size) =>
        `Ein Schritt eines Laufs der Messung braucht für seine Matrixprodukte, so wie die Engine sie rechnet, ${flops} und muss mindestens ${size} lesen und schreiben: seine Gewichte, den Zustand des Optimierers und die Daten.`,
      bound: {
        compute: 'Für dieses Netz ist also das Rechnen die Grenze.',
        memory: 'Für dieses Netz ist also der Speicher die Grenze.',
      },
      above:
        'Mehr als alles heißt, dass die Obergrenze zu niedrig gemessen wurde, in einem Augenblick, in dem etwas anderes das Gerät benutzt hat.',
    },
  },
  ended: 'Drück in einer kleinen Weile noch einmal auf Start. Was fertig ist, bleibt hier aufgehoben.',
  trouble: {
    todo: 'Was du tun kannst:',
    original: 'Im Original',
    deviceHung: {
      what: 'Die Grafikkarte hat zu lange gebraucht, und das System hat sie weggenommen.',
      todo: 'Zunächst nichts: Das Training geht von selbst mit kleineren Portionen weiter. Kommt es wieder, schließe andere Programme, die die Grafikkarte nutzen, oder senke in den Einstellungen den Anteil der Zeit.',
    },
    deviceRemoved: {
      what: 'Die Grafikkarte wurde weggenommen, etwa weil ihr Treiber erneuert oder neu gestartet wurde.',
      todo: 'Zunächst nichts: Sie wird von selbst wieder angefordert. Kommt sie nicht zurück, starte den Browser neu.',
    },
    deviceLost: {
      what: 'Die Grafikkarte ist weg, wie nach dem Ruhezustand oder wenn der Browser sie anderswo braucht.',
      todo: 'Zunächst nichts: Sie wird von selbst wieder angefordert, und Läufe gehen dort weiter, wo sie zuletzt gesichert wurden. Kommt es immer wieder, erneuere den Grafiktreiber.',
    },
    gpuMemory: {
      what: 'Die Grafikkarte hat für diese Arbeit nicht genug freien Speicher.',
      todo: 'Schließe andere Tabs und Programme, die die Grafikkarte nutzen, und miss dann noch einmal. Bis dahin werden weniger Läufe gleichzeitig trainiert, oder eine andere Engine übernimmt.',
    },
    shader: {
      what: 'Der Grafiktreiber lehnt ein Programm ab, das diese Arbeit braucht.',
      todo: 'Erneuere den Browser und den Grafiktreiber. Bis dahin übernimmt eine andere Engine.',
    },
    noAdapter: {
      what: 'Der Browser bietet keine Grafikkarte an.',
      todo: 'Schalte in den Einstellungen des Browsers die Grafikbeschleunigung ein und erneuere den Grafiktreiber. Bis dahin trainiert der Prozessor.',
    },
    wasmMemory: {
      what: 'Für diese Arbeit ist nicht genug Arbeitsspeicher da.',
      todo: 'Schließe andere Tabs und Programme. Was nicht passt, wird für ein größeres Gerät zurückgegeben.',
    },
    threadStopped: {
      what: 'Der Browser hat einen der Threads beendet, die trainieren.',
      todo: 'Meist fehlt es an Arbeitsspeicher: Schließe andere Tabs. Kommt es wieder, lade diese Seite neu.',
    },
    notLoaded: {
      what: 'Ein Teil des Programms ließ sich nicht laden.',
      todo: 'Prüfe die Verbindung und lade diese Seite neu. Fertige Arbeit bleibt erhalten.',
    },
    noEngine: {
      what: 'Auf diesem Gerät kann nichts trainieren.',
      todo: 'Sieh dir den Rat zu diesem Browser an; vielleicht geht es mit einem anderen Browser oder im Terminal.',
    },
    unsuited: {
      what: 'Es gab Arbeit, die keine Engine dieses Geräts kann; sie wurde zurückgegeben.',
      todo: 'Nichts: Es wird um andere Arbeit gebeten. Andere Sweeps passen vielleicht besser zu diesem Gerät.',
    },
    notKept: {
      what: 'Der Browser behält hier nichts: Der Speicherplatz ist voll, oder dies ist ein privates Fenster.',
      todo: 'Lass diesen Tab offen, bis die Arbeit abgeliefert ist. Schaff etwas Platz oder nimm ein gewöhnliches Fenster.',
    },
    network: {
      what: 'Der Server ist nicht zu erreichen.',
      todo: 'Nichts, wenn es nur die Verbindung ist: Das Training geht weiter, fertige Arbeit wartet und wird später abgeliefert.',
    },
    busy: {
      what: 'Der Server ist beschäftigt.',
      todo: 'Nichts: Er wird in einer kleinen Weile wieder gefragt, und nichts geht verloren.',
    },
    version: {
      what: 'Der Server spricht eine neuere Version als diese Seite.',
      todo: 'Lade diese Seite neu. Was fertig und was in Arbeit ist, bleibt erhalten.',
    },
    elsewhere: {
      what: 'Ein anderer Tab dieses Browsers trainiert schon; zwei täten dieselbe Arbeit doppelt.',
      todo: 'Mach dort weiter, oder lass diesen Tab übernehmen.',
    },
    unknownHere: {
      what: 'Der Server kennt diesen Browser nicht mehr.',
      todo: 'Lade diese Seite neu und beginne noch einmal. Hast du auf einem anderen Gerät eine Kennung, zieh sie zuerst hierher um.',
    },
    refused: {
      what: 'Der Server hat nicht genommen, was geschickt wurde.',
      todo: 'Nichts: Der Grund steht beim Lauf auf deiner Seite, und es wird um andere Arbeit gebeten.',
    },
    lapsed: {
      what: 'Dieses Gerät war zu lange weg, und seine Arbeit ging an jemand anderen.',
      todo: 'Nichts: Was zu spät kam, wird nicht doppelt gezählt, und es wird um andere Arbeit gebeten.',
    },
    handedBack: {
      what: 'Mit einer Arbeit ging es nicht weiter, weil etwas, woraus sie gemacht ist, beschädigt ist oder fehlt.',
      todo: 'Nichts: Sie wurde zurückgegeben, und es wird um andere Arbeit gebeten.',
    },
    undelivered: {
      what: 'Fertige Arbeit konnte nicht abgeliefert werden.',
      todo: 'Starte noch einmal, sobald der Server zu erreichen ist: Was hier liegt, wird zuerst geschickt.',
    },
    damaged: {
      what: 'Fertige Arbeit, die hier lag, war beschädigt und kann nicht geschickt werden.',
      todo: 'Nichts: Jemand trainiert sie noch einmal. Kommt es wieder, ist die Platte vielleicht voll oder defekt.',
    },
    serverFault: {
      what: 'Der Server hat einen Fehler gemacht.',
      todo: 'Nichts: Er wird von selbst wieder gefragt. Hält es Stunden an, sag es denen, die den Server betreiben.',
    },
  },
};
