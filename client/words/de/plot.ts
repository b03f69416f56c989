import type { Words } from '../en/index.ts';

export const plot: Words['plot'] = {
  metricAxis: 'Auf der senkrechten Achse',
  metrics: { accuracy: 'Genauigkeit', loss: 'Verlust' },
  train: (metric) => `${metric} (Training)`,
  test: (metric) => `${metric} (Test)`,
  at: 'bei Schritt',
  median: 'Median:',
  read: 'Die Kurve Schritt für Schritt ablesen',
  reading: (step, train, test) => `Schritt ${step}: Training ${train}, Test ${test}`,
  failed: 'Die Zeichnung konnte nicht geladen werden.',
  again: 'Noch einmal laden',
};
