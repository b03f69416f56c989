import type { teams as en } from '../en/teams.ts';

export const teams: typeof en = {
  title: 'Team',
  loading: 'Das Team wird geladen …',
  missing: 'Dieses Team gibt es nicht',
  missingWords: 'Vielleicht ist die Adresse vertippt, oder das letzte Mitglied hat es verlassen.',
  founded: (when) => `Team, gegründet am ${when}`,
  members: 'Mitglieder',
  runs: 'angenommene Läufe',
  credit: 'Credit',
  allTime: 'insgesamt',
  lately: 'letzte 30 Tage',
  yours: 'Du bist in diesem Team.',
  yourPage: 'Deine Seite',
  listed: 'Mitglieder mit Namen',
  unlisted: (n, isOne) =>
    isOne
      ? 'Ein Mitglied zählt mit, ohne genannt zu werden.'
      : `${n} Mitglieder zählen mit, ohne genannt zu werden.`,
  nobodyListed:
    'In diesem Team wird niemand genannt. Das entscheiden die Mitglieder auf ihrer eigenen Seite.',
  volunteer: 'wer',
  table: 'Tabelle der Mitglieder',
  boards: 'Alle, die beitragen',
  join: {
    title: 'Einem Team beitreten',
    invited:
      'Du wurdest in ein Team eingeladen. Es zählt die Arbeit seiner Mitglieder zusammen; dein Name steht dort nur, wenn du das auf deiner Seite so gewählt hast.',
    fresh:
      'Dieser Browser ist hier noch niemand. Mit dem Beitritt bekommt er eine anonyme Identität, eine Zufallszahl; gerechnet wird erst, wenn du auf Start drückst.',
    leaves: (team) =>
      `Du bist jetzt in ${team}; mit dem Beitritt verlässt du es, und deine Arbeit zählt dort nicht mehr mit.`,
    yes: 'Beitreten',
    broken: 'Diese Einladung ist nicht vollständig. Bitte noch einmal darum und kopiere sie ganz.',
    unknown: 'Zu dieser Einladung gibt es kein Team. Bitte noch einmal darum.',
    joined: (team) => `Du bist jetzt in ${team}.`,
    show: 'Zum Team',
    start: 'Dieses Gerät mitrechnen lassen',
  },
};
