import { Hono } from 'hono';
import { LIMITS } from '../../shared/limits.ts';
import {
  exchangeReply,
  exchangeRequest,
  handBackReply,
  handBackRequest,
  heartbeatReply,
  heartbeatRequest,
} from '../../shared/protocol.ts';
import { volunteersOnly } from '../auth.ts';
import { atMost, describe, jsonBody, versioned } from '../describe.ts';
import { ask } from '../dispatcher/ask.ts';
import { type App, leaseMsOf } from '../env.ts';
import { Refusal } from '../errors.ts';
import { exchange } from '../front-door.ts';

const refusals = ['bad-request', 'too-large', 'version'] as const;
const noSuchSweep = () => new Refusal('no-such-lease', 'There is no such sweep.');

export const work = new Hono<App>()
  .post(
    '/api/work/exchange',
    describe({
      summary: 'Deliver finished runs and get the next unit of work',
      description:
        'Safe to repeat: the same results get the same verdicts, and a device that holds a unit gets it again.',
      reply: exchangeReply,
      refusals,
      by: 'volunteer',
    }),
    atMost(LIMITS.exchangeBytesMax),
    volunteersOnly,
    versioned,
    jsonBody(exchangeRequest),
    async (c) => c.json(await exchange(c.env, c.get('volunteerId'), c.req.valid('json'))),
  )
  .post(
    '/api/work/heartbeat',
    describe({
      summary: 'Keep a lease',
      description:
        'Not leased: the lease has run out or the unit is finished. Finished runs are still welcome.',
      reply: heartbeatReply,
      refusals: [...refusals, 'no-such-lease'],
      by: 'volunteer',
    }),
    atMost(LIMITS.smallBodyBytesMax),
    volunteersOnly,
    versioned,
    jsonBody(heartbeatRequest),
    async (c) => {
      const { sweepId, unit, deviceId } = c.req.valid('json');
      const device = { volunteerId: c.get('volunteerId'), deviceId };
      const leased = await ask(c.env, sweepId, (d) => d.heartbeat(sweepId, device, unit));
      if (leased === null) throw noSuchSweep();
      return c.json({ leased, leaseMs: leaseMsOf(c.env) });
    },
  )
  .post(
    '/api/work/hand-back',
    describe({
      summary: 'Give a unit back before its time',
      description: 'Safe to repeat; without a lease there is nothing to do.',
      reply: handBackReply,
      refusals: [...refusals, 'no-such-lease'],
      by: 'volunteer',
    }),
    atMost(LIMITS.smallBodyBytesMax),
    volunteersOnly,
    versioned,
    jsonBody(handBackRequest),
    async (c) => {
      const { sweepId, unit, deviceId, fault, reason } = c.req.valid('json');
      const device = { volunteerId: c.get('volunteerId'), deviceId };
      const ok = await ask(c.env, sweepId, (d) => d.handBack(sweepId, device, unit, { fault, reason }));
      if (ok === null) throw noSuchSweep();
      return c.json({ ok });
    },
  );
