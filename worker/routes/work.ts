import { Hono } from 'hono';
import { LIMITS } from '../../shared/limits.ts';
import {
  exchangeReply,
  exchangeRequest,
  handBackReply,
  handBackRequest,
  heartbeatReply,
  heartbeatRequest,
} from '../../shared/work.ts';
import { SOCKET_PROTOCOL, volunteersBySocketOnly, volunteersOnly } from '../auth.ts';
import { atMost, describe, jsonOf } from '../describe.ts';
import { ask } from '../dispatcher/ask.ts';
import { handedOver } from '../dispatcher/socket.ts';
import { type App, type Env, leaseMsOf } from '../env.ts';
import { Refusal } from '../errors.ts';
import { exchange } from '../front-door.ts';
import { readExchange, readHandBack, readHeartbeat } from '../messages.ts';
import { lastStepOf, ownStripe, type Place, placeOfUnit, stripesOfOne } from '../places.ts';

const refusals = ['bad-request', 'too-large', 'version'] as const;
const noSuchSweep = () => new Refusal('no-such-lease', 'There is no such sweep.');

async function placeOf(env: Env, sweepId: string, unit: number): Promise<Place> {
  const at = await placeOfUnit(env, sweepId, unit);
  if (!at) throw noSuchSweep();
  return at;
}

export const work = new Hono<App>()
  .post(
    '/api/work/exchange',
    describe({
      summary: 'Deliver what was trained and get the next unit of work',
      description:
        'Safe to repeat: the same results get the same verdicts, and a device that holds a unit gets it again. Version 1 is still served.',
      takes: exchangeRequest,
      reply: exchangeReply,
      refusals,
      by: 'volunteer',
    }),
    atMost(LIMITS.exchangeBytesMax),
    volunteersOnly,
    async (c) => {
      const body = await jsonOf(c);
      const asked = await readExchange(body, (sweepId, run) => lastStepOf(c.env, sweepId, run));
      const reply = await exchange(c.env, c.get('volunteerId'), asked.request);
      return c.json(asked.inItsVersion(reply) as object);
    },
  )
  .post(
    '/api/work/heartbeat',
    describe({
      summary: 'Keep a lease, and show how far its runs are',
      description:
        'Not leased: the lease has run out or the unit is finished. Finished runs are still welcome.',
      takes: heartbeatRequest,
      reply: heartbeatReply,
      refusals: [...refusals, 'no-such-lease'],
      by: 'volunteer',
    }),
    atMost(LIMITS.heartbeatBytesMax),
    volunteersOnly,
    async (c) => {
      const { sweepId, unit, deviceId, progress, runs } = readHeartbeat(await jsonOf(c), Date.now());
      const device = { volunteerId: c.get('volunteerId'), deviceId };
      const at = await placeOf(c.env, sweepId, unit);
      const leased = await ask(c.env, at, (d) => d.heartbeat(at, device, { unit, progress, runs }));
      if (leased === null) throw noSuchSweep();
      return c.json({ leased, leaseMs: leaseMsOf(c.env) });
    },
  )
  .post(
    '/api/work/hand-back',
    describe({
      summary: 'Give a unit back before its time',
      description: 'Safe to repeat; without a lease there is nothing to do.',
      takes: handBackRequest,
      reply: handBackReply,
      refusals: [...refusals, 'no-such-lease'],
      by: 'volunteer',
    }),
    atMost(LIMITS.smallBodyBytesMax),
    volunteersOnly,
    async (c) => {
      const request = readHandBack(await jsonOf(c));
      const { sweepId, unit, deviceId } = request;
      const device = { volunteerId: c.get('volunteerId'), deviceId };
      const at = await placeOf(c.env, sweepId, unit);
      const ok = await ask(c.env, at, (d) => d.handBack(at, device, unit, request));
      if (ok === null) throw noSuchSweep();
      return c.json({ ok });
    },
  )
  .get(
    '/api/work/socket/:sweepId',
    describe({
      summary: 'The same three messages over a WebSocket to one sweep',
      description: `Sec-WebSocket-Protocol: ${SOCKET_PROTOCOL}, TOKEN. A message is {"type", "id", "body"}, its answer {"id", "ok", "body"} or {"id", "ok", "error"}; "ping" is answered "pong". No lease here: ask over HTTP, which knows all sweeps.`,
      reply: 'socket',
      refusals: ['bad-request', 'not-found'],
      by: 'volunteer',
    }),
    volunteersBySocketOnly,
    async (c) => {
      if (c.req.header('upgrade')?.toLowerCase() !== 'websocket')
        throw new Refusal('bad-request', 'This is for WebSockets only.');
      const [sweepId, volunteerId] = [c.req.param('sweepId'), c.get('volunteerId')];
      const stripes = await stripesOfOne(c.env, sweepId);
      if (stripes === null) throw new Refusal('not-found', 'There is no such sweep.');
      const at = { sweepId, stripe: ownStripe(volunteerId, stripes) };
      return ask(c.env, at, (d) => d.fetch(handedOver({ ...at, volunteerId, stripes })));
    },
  );
