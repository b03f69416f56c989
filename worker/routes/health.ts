import { Hono } from 'hono';
import { healthReply, RELEASE } from '../../shared/protocol.ts';
import { describe } from '../describe.ts';
import type { App } from '../env.ts';

export const health = new Hono<App>().get(
  '/api/health',
  describe({ summary: 'Whether the server is up, and its version', reply: healthReply }),
  (c) => c.json({ ok: true, version: RELEASE }),
);
