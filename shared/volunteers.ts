// What a volunteer's own page, teams and the boards of contributors say to the server and hear from it.

import * as v from 'valibot';
import { count, ERROR_CODES, hex, nameOfSomebody, nullable } from './protocol.ts';
import { closed } from './spec/fields.ts';

/** Accepted work: whole runs, and credit for all that was accepted, parts of runs included. */
const work = v.object({ runs: count, credit: count });

const teamOfMine = v.object({
  id: v.string(),
  name: v.string(),
  /** Whoever has it may join. */
  invite: v.string(),
});

/** GET /api/me: what the server holds of a volunteer, but the runs themselves. */
export const meReply = v.object({
  volunteerId: v.string(),
  name: nullable(v.string()),
  /** Whether the name may be shown to others: on the boards, at the runs, in the team. */
  isListed: v.boolean(),
  createdAtMs: count,
  team: nullable(teamOfMine),
  accepted: work,
  /** Of the last thirty days. */
  lately: work,
  /** Where it was done, most credit first. */
  sweeps: v.array(v.object({ sweepId: v.string(), title: v.string(), ...work.entries })),
  /** The newest results that were not taken, and why. */
  refused: v.array(
    v.object({
      sweepId: v.string(),
      run: count,
      to: count,
      code: nullable(v.picklist(ERROR_CODES)),
      message: v.string(),
      atMs: count,
    }),
  ),
});

/** DELETE /api/me. From then on the token is refused: asking again is answered 401. */
export const goneReply = v.object({ ok: v.boolean() });

/** PATCH /api/me. */
export const meChange = closed({
  /** Null takes the name away. */
  name: v.optional(nullable(nameOfSomebody)),
  isListed: v.optional(v.boolean('true or false')),
});

/** GET /api/me/runs/:sweepId?from=N: runs, from run N on, of which this volunteer trained an accepted segment, ascending. */
export const myRunsReply = v.object({
  runs: v.array(
    v.object({
      run: count,
      /** The steps this volunteer trained; several where others trained between. */
      segments: v.array(v.object({ from: count, to: count })),
      /** Whether the run is finished; else it waits for somebody to go on with it. */
      isFinished: v.boolean(),
    }),
  ),
  /** Where to ask on from; null where these were the last. */
  nextRun: nullable(count),
});

/** POST /api/me/moves: a code that carries this identity to another device, once and for a few minutes. */
export const moveReply = v.object({ code: v.string(), expiresAtMs: count });
/** POST /api/moves: who has the code becomes the volunteer; answered like a registration. */
export const moveRequest = closed({ code: hex(32) });

/** POST /api/teams founds one and joins it; POST /api/me/team joins; DELETE /api/me/team leaves. Answered with meReply. */
export const teamRequest = closed({ name: nameOfSomebody });
export const joinRequest = closed({ invite: hex(32) });

const contributor = v.object({ volunteer: v.string(), ...work.entries });

/** GET /api/teams/:id: members that are not listed are counted, not named. */
export const teamReply = v.object({
  id: v.string(),
  name: v.string(),
  createdAtMs: count,
  members: count,
  accepted: work,
  lately: work,
  /** Listed members by credit of all time. */
  listed: v.array(contributor),
});

/** One board of contributors: volunteers who chose to be named, teams of all their members, and all other volunteers together. */
export const contributorsSchema = v.object({
  volunteers: v.array(contributor),
  teams: v.array(v.object({ id: v.string(), name: v.string(), members: count, ...work.entries })),
  unlisted: v.object({ volunteers: count, ...work.entries }),
});

export const contributorsReply = v.object({ lately: contributorsSchema, allTime: contributorsSchema });

/** A day in UTC, counted from 1970-01-01, with what was accepted of one volunteer on it. */
const dayOfWork = v.object({ day: count, ...work.entries });

/** GET /api/me/export: what is stored about a volunteer, but what sweeps note of units that were not finished. */
export const exportReply = v.object({
  exportedAtMs: count,
  ...meReply.entries,
  /** By sweep and dispatcher, as the boards are made from it. */
  contributions: v.array(
    v.object({ sweepId: v.string(), stripe: count, ...work.entries, days: v.array(dayOfWork) }),
  ),
  /** Codes for another device that have not been used, by when they run out; the codes themselves are not stored. */
  moves: v.array(v.object({ expiresAtMs: count })),
  runs: v.array(v.object({ sweepId: v.string(), ...myRunsReply.entries })),
});

export type MeReply = v.InferOutput<typeof meReply>;
export type MeChange = v.InferOutput<typeof meChange>;
export type MyRunsReply = v.InferOutput<typeof myRunsReply>;
export type MoveReply = v.InferOutput<typeof moveReply>;
export type TeamReply = v.InferOutput<typeof teamReply>;
export type ExportReply = v.InferOutput<typeof exportReply>;
export type ContributorsReply = v.InferOutput<typeof contributorsReply>;
export type Contributors = v.InferOutput<typeof contributorsSchema>;
