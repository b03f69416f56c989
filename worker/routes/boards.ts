import { Hono } from 'hono';
import { LIMITS } from '../../shared/limits.ts';
import { type BoardsReply, boardsReply } from '../../shared/protocol.ts';
import { describe } from '../describe.ts';
import type { App } from '../env.ts';
import { rankedCells } from '../store/cells.ts';
import { contributors } from '../store/volunteers.ts';

export const boards = new Hono<App>().get(
  '/api/boards',
  describe({ summary: 'Configurations by median tGen, and volunteers by finished work', reply: boardsReply }),
  async (c) => {
    const [ranked, people] = await Promise.all([
      rankedCells(c.env.DB, LIMITS.boardRowsMax),
      contributors(c.env.DB, LIMITS.contributorsListedMax),
    ]);
    return c.json({ boards: ranked, contributors: people } satisfies BoardsReply);
  },
);
