import { expect, test } from 'vitest';
import type { Contributors, MeReply } from '../../../shared/volunteers.ts';
import { displayName, ownRows } from './own-rows.ts';

const me: MeReply = {
  ...{ volunteerId: 'abcd0123', name: 'Ada', isListed: true, createdAtMs: 0, sweeps: [], refused: [] },
  team: { id: 't1', name: 'Team', invite: 'ab' },
  accepted: { runs: 9, credit: 90 },
  lately: { runs: 3, credit: 30 },
};
const row = (volunteer: string, runs: number) => ({ volunteer, runs, credit: 10 * runs });
const board = (...volunteers: ReturnType<typeof row>[]): Contributors => ({
  ...{ volunteers, teams: [], unlisted: { volunteers: 0, runs: 0, credit: 0 } },
});

test('a volunteer finds the own row by name, though the board may lag behind', () => {
  const of = ownRows(board(row('Bo', 9), row('Ada', 7)), me, 'allTime');
  expect(of).toEqual({ volunteer: 1, team: 't1', isUnlisted: false });
});

test('among several of one name the own row is the one with the same work, and else none', () => {
  const two = board(row('Ada', 9), row('Ada', 3));
  expect(ownRows(two, me, 'allTime').volunteer).toBe(0);
  expect(ownRows(two, me, 'lately').volunteer).toBe(1);
  expect(ownRows(board(row('Ada', 1), row('Ada', 2)), me, 'lately').volunteer).toBeNull();
});

test('who is not listed is no row, even where somebody has the same name', () => {
  const hidden = { ...me, isListed: false };
  const found = ownRows(board(row('Ada', 9)), hidden, 'allTime');
  expect(found).toEqual({ volunteer: null, team: 't1', isUnlisted: true });
  const idle = { ...hidden, lately: { runs: 0, credit: 0 } };
  expect(ownRows(board(), idle, 'lately').isUnlisted).toBe(false);
});

test('a browser that is nobody has no row', () => {
  expect(ownRows(board(row('Ada', 9)), null, 'allTime').volunteer).toBeNull();
});

test('without a name that may be seen the beginning of the number is one', () => {
  expect(displayName(me)).toBe('Ada');
  expect(displayName({ ...me, isListed: false })).toBe('anonymous abcd');
  expect(displayName({ ...me, name: null })).toBe('anonymous abcd');
});
