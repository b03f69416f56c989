import type { Words } from '../en/index.ts';

export const layout: Words['layout'] = {
  skip: 'Zum Inhalt springen',
  home: 'Tabgrad, Startseite',
  pages: 'Seiten',
  sweeps: 'Sweeps',
  boards: 'Ranglisten',
  post: 'Sweep einreichen',
  about: 'Über Tabgrad',
  you: 'Du',
  lend: 'Mitrechnen',
  training: (words) => `Trainiert: ${words}`,
  open: 'Jede Zahl hier ist aus gespeicherten Kurven berechnet, und jede Kurve ist öffentlich.',
  more: 'Mehr',
  privacy: 'Datenschutz',
  status: 'Status',
  api: 'API',
  loading: (what) => `Lädt ${what} …`,
  missing: {
    page: 'die Seite',
    words: 'Diese Seite ließ sich nicht laden. Vielleicht ist die Verbindung weg.',
    again: 'Wenn das so bleibt, lade diesen Tab neu; ein Training darin endet damit.',
    retry: 'Noch einmal laden',
    broken: (reason) => `Diese Seite ließ sich nicht zeigen: ${reason}`,
  },
};
