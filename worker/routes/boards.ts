import { Hono } from 'hono';
import { LIMITS } from '../../shared/limits.ts';
import { type BoardsReply, boardsReply } from '../../shared/protocol.ts';
import { describe } from '../describe.ts';
import type { App } from '../env.ts';
import { rankedCells } from '../store/cells.ts';

export const boards = new Hono<App>().get(
  '/api/boards',
  describe({ summary: 'Configurations by median tGen', reply: boardsReply }),
  async (c) => c.json({ boards: await rankedCells(c.env.DB, LIMITS.boardRowsMax) } satisfies BoardsReply),
);
