import { Hono } from 'hono';
import * as v from 'valibot';
import { LIMITS } from '../../shared/limits.ts';
import { volunteersOnly } from '../auth.ts';
import { describe } from '../describe.ts';
import type { App } from '../env.ts';
import { Refusal } from '../errors.ts';
import { getState, isStateDigest, putState } from '../store/states.ts';

const PATH = '/api/work/states/:digest';

function digestIn(path: string): string {
  if (isStateDigest(path)) return path;
  throw new Refusal('not-found', 'A state is named by the 64 hexadecimal digits of its SHA-256.');
}

export const states = new Hono<App>()
  .put(
    PATH,
    describe({
      summary: 'Store the state of a run, to be gone on from by another device',
      description: 'Named by the SHA-256 of its bytes. Safe to repeat: what is there is not stored again.',
      takes: 'bytes',
      reply: v.object({ ok: v.boolean() }),
      refusals: ['bad-request', 'bad-checkpoint', 'too-large', 'not-found'],
      by: 'volunteer',
    }),
    volunteersOnly,
    async (c) => {
      const digest = digestIn(c.req.param('digest'));
      if (!/^application\/octet-stream\b/i.test(c.req.header('content-type') ?? ''))
        throw new Refusal('bad-request', 'The body must be sent as application/octet-stream.');
      checkLength(c.req.header('content-length'));
      const { body } = c.req.raw;
      if (!body || !(await putState(c.env.BLOBS, digest, body)))
        throw new Refusal(
          'bad-checkpoint',
          'The bytes that arrived do not have this SHA-256. Send them again.',
        );
      return c.json({ ok: true });
    },
  )
  .get(
    PATH,
    describe({
      summary: 'The state of a run, to go on from',
      reply: 'bytes',
      refusals: ['not-found'],
      by: 'volunteer',
    }),
    volunteersOnly,
    async (c) => {
      const state = await getState(c.env.BLOBS, digestIn(c.req.param('digest')));
      if (!state) throw new Refusal('not-found', 'There is no such state.');
      const headers = { 'content-type': 'application/octet-stream', 'content-length': String(state.size) };
      return new Response(state.body, { headers });
    },
  );

function checkLength(header: string | undefined): void {
  const bytes = /^\d{1,12}$/.test(header ?? '') ? Number(header) : Number.NaN;
  if (!(bytes > 0)) throw new Refusal('bad-request', 'Content-Length must say how many bytes are sent.');
  if (bytes > LIMITS.runStateBytesMax)
    throw new Refusal(
      'too-large',
      `The state is too large: at most ${LIMITS.runStateBytesMax} bytes are taken.`,
    );
}
