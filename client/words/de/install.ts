import type { Words } from '../en/index.ts';

export const install: Words['install'] = {
  language: 'Sprache',
  button: 'Als App installieren',
  byHand: 'Wie du die Seite als App behältst',
  how: 'Tippe in Safari auf „Teilen“ und dann auf „Zum Home-Bildschirm“.',
  why: 'Tabgrad bekommt dann ein Symbol und ein eigenes Fenster und öffnet sich auch ohne Verbindung. Gerechnet wird weiterhin erst, wenn du auf Start drückst.',
  offline:
    'Du bist offline. Was in Arbeit ist, geht weiter, und was fertig wird, wird aufgehoben und gesendet, sobald es wieder eine Verbindung gibt.',
  offlineIdle: 'Du bist offline. Zahlen vom Server fehlen, bis es wieder eine Verbindung gibt.',
};
