import type { Lending } from '../lending.ts';

export const show: Lending['show'] = {
  seedOf: (run, seed, cell) => ['Das ist ', `Seed ${seed} der Zelle (${cell})`, `, Lauf ${run} des Sweeps.`],
  boldIs: (run, seed, cell) => ['Fett ist ', `Seed ${seed} der Zelle (${cell})`, `, Lauf ${run} des Sweeps.`],
  form: { legend: 'Wie mehrere Läufe gezeichnet werden', lines: 'jeder Lauf', band: 'Bänder' },
  cell: 'Zelle',
  lines: (n, isOne) =>
    `${isOne ? 'Der andere Lauf ist' : `Die anderen ${n} Läufe sind`} dünn; jedes Dreieck ist ein Meilenstein eines von ihnen.`,
  band: (runs, cell) =>
    `${runs} der Zelle (${cell}): Die Linie ist der Median, das dunkle Band die mittlere Hälfte, das helle alle. Jedes Dreieck ist ein Meilenstein eines Laufs.`,
  pop: {
    open: 'Kleines Fenster',
    close: 'Kleines Fenster schließen',
    title: 'Tabgrad: die laufenden Läufe',
  },
  inside: {
    title: 'Im Inneren des Netzes',
    of: (run, step) => `Lauf ${run} bei Schritt ${step}, etwa einmal pro Sekunde angesehen.`,
    waiting: 'Der erste Blick ins Innere kommt mit den nächsten Schritten, die trainiert werden.',
    idle: 'Es wird nichts trainiert, also gibt es nichts anzusehen.',
    choice: 'Was du ansehen willst',
    tabs: { circle: 'Kreis', spectrum: 'Spektrum', weights: 'Gewichte', masks: 'Masken' },
  },
  noResidues:
    'Weder Kreis noch Spektrum: Sie zeigen, wie ein Netz Reste sieht, die Zahlen auf der Uhr der modularen Arithmetik, und diese Aufgabe hat keine für es. Die Gewichte kannst du ansehen.',
  circle: {
    label: (p, frequency, share) =>
      `Die ${p} Reste als Punkte entlang der zwei Richtungen von Frequenz ${frequency}, die ${share} der Leistung hat.`,
    power: (frequency, share) =>
      `Gesehen entlang Frequenz ${frequency}, einer der stärksten: Sie hat ${share} der Leistung aller Neuronen.`,
    shapes: {
      circle: 'Die Reste liegen auf einem Kreis, wie Stunden auf einer Uhr.',
      beginning: 'Ein Kreis beginnt sich zu bilden.',
      none: 'Noch kein Kreis: Die Reste sind eine Wolke, oder diese Frequenz ragt kaum heraus.',
    },
    how: (p, frequency) =>
      `${p} Punkte, einer je Rest, nach dem Rest gefärbt und in der Reihenfolge von Frequenz ${frequency} verbunden: Auf jeden Rest folgt der, ${frequency === 1 ? 'der um eins größer ist' : `dessen Produkt mit ${frequency} um eins größer ist (mod ${p})`}.`,
    residues: (last) => `Rest 0 bis ${last}`,
    of: {
      embedding: 'Gesehen in der Einbettung.',
      input: 'Gesehen darin, womit die Neuronen der ersten Schicht jeden Rest gewichten.',
    },
  },
  spectrum: {
    label: (neurons, frequencies) =>
      `Spektrum von ${neurons} Neuronen: je eine Zeile, über ${frequencies} Frequenzen; die stärksten stehen darunter.`,
    peaks: (told) => `Von der Leistung aller Neuronen: ${told}.`,
    peak: (frequency, share) => `${share} bei Frequenz ${frequency}`,
    pure: (pure, all, mean) =>
      `${pure} von ${all} Neuronen haben mehr als die Hälfte ihrer eigenen Leistung bei einer einzigen Frequenz; im Mittel hat ein Neuron dort ${mean}.`,
    down: (neurons) => `${neurons} Neuronen, nach ihrer stärksten Frequenz`,
    across: (last) => `Frequenz 1 bis ${last}`,
    scale: 'Anteil an der Leistung eines Neurons',
  },
  weights: {
    label: (name, rows, columns, least, most) =>
      `Gewichte ${name}, ${rows} Zeilen mal ${columns} Spalten, von ${least} bis ${most}.`,
    size: (rows, columns) => `${rows} × ${columns}`,
    thinned: (rows, columns) => `${rows} × ${columns} in gleichen Abständen gezeigt`,
    beyond: (most) => `das größte liegt ${most} von 0 entfernt`,
    how: 'Zeilen sind, was hineingeht, Spalten, was herauskommt. Jede Matrix hat ihre eigene Farbskala; sie endet beim äußersten Hundertstel ihrer Gewichte.',
  },
  masks: {
    none: 'In diesem Lauf ist nichts beschnitten: Jedes Gewicht bleibt.',
    label: (name, kept) => `Maske von ${name}: ${kept} der Gewichte bleiben.`,
    kept: (kept) => `${kept} behalten`,
    how: 'Farbig ist behalten, leer ist beschnitten: Ein beschnittenes Gewicht bleibt 0.',
    whole: 'nichts beschnitten',
  },
};
