// How a route says what it takes and gives: the same schemas check requests and make the OpenAPI document.

import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { describeRoute, resolver, validator } from 'hono-openapi';
import * as v from 'valibot';
import { type ErrorCode, errorReply } from '../shared/protocol.ts';
import { problemsOf } from '../shared/spec/problems.ts';
import type { App } from './env.ts';
import { Refusal, STATUS_OF } from './errors.ts';

const TYPES = { bytes: 'application/octet-stream', parquet: 'application/vnd.apache.parquet' } as const;

/** What is no JSON: bytes of some type, or an open WebSocket. */
type Raw = keyof typeof TYPES;

interface Description {
  summary: string;
  description?: string;
  reply: v.GenericSchema | Raw | 'socket';
  /** The body, where nothing below says so by itself. */
  takes?: v.GenericSchema | 'bytes';
  /** Statuses of that reply; 200 unless told. */
  statuses?: readonly (200 | 201 | 206)[];
  /** Codes of refusals, besides internal and busy. */
  refusals?: readonly ErrorCode[];
  by?: 'researcher' | 'volunteer';
  requestBody?: NonNullable<Parameters<typeof describeRoute>[0]['requestBody']>;
}

const json = (schema: v.GenericSchema) => ({
  'application/json': { schema: resolver(schema, { options: { typeMode: 'output' } }) },
});

const raw = (kind: Raw) => ({ [TYPES[kind]]: { schema: { type: 'string', format: 'binary' } } }) as const;

const input = (what: v.GenericSchema | 'bytes') =>
  what === 'bytes'
    ? raw(what)
    : { 'application/json': { schema: resolver(what, { options: { typeMode: 'input' } }) } };

const contentOf = (what: v.GenericSchema | Raw) => (typeof what === 'string' ? raw(what) : json(what));

/** Written once in the document, as everything refers to it. */
const refusal = v.pipe(errorReply, v.metadata({ ref: 'Refusal' }));

/** Describes a route in the OpenAPI document. */
export function describe(route: Description) {
  const { summary, reply, takes, statuses = [200], refusals = [], by } = route;
  const codes: ErrorCode[] = [...refusals, ...(by ? (['unauthorized'] as const) : []), 'internal', 'busy'];
  const byStatus = Map.groupBy(codes, (code) => STATUS_OF[code]);
  return describeRoute({
    summary,
    ...(route.description ? { description: route.description } : {}),
    ...(takes ? { requestBody: { required: true, content: input(takes) } } : {}),
    ...(route.requestBody ? { requestBody: route.requestBody } : {}),
    ...(by ? { security: [{ [by]: [] }] } : {}),
    responses: {
      ...(reply === 'socket'
        ? { 101: { description: 'The WebSocket is open.' } }
        : Object.fromEntries(
            statuses.map((status) => [status, { description: summary, content: contentOf(reply) }]),
          )),
      ...Object.fromEntries(
        [...byStatus].map(([status, list]) => [
          status,
          { description: list.join(', '), content: json(refusal) },
        ]),
      ),
    },
  });
}

/** Refuses bodies over so many bytes before anything reads them, whether or not they say how long they are. */
export const atMost = (bytes: number) =>
  bodyLimit({
    maxSize: bytes,
    onError: () => {
      throw new Refusal('too-large', `The body is too large: at most ${bytes} bytes are taken here.`);
    },
  });

/** The JSON body, whatever it says. */
export async function jsonOf(c: Context<App>): Promise<unknown> {
  isCalledJson(c);
  try {
    return await c.req.json();
  } catch {
    throw new Refusal('bad-request', 'The body is not valid JSON.');
  }
}

/** Also where the body would fit: browsers let every site send bodies of other types. */
function isCalledJson(c: Context): void {
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? ''))
    throw new Refusal('bad-request', 'The body must be sent as application/json.');
}

/** Checks the JSON body. Problems name the field and what would be right. */
export const jsonBody = <T extends v.GenericSchema>(schema: T) =>
  validator('json', schema, (result, c) => {
    isCalledJson(c);
    if (result.success) return;
    throw new Refusal(
      'bad-request',
      'The body does not fit.',
      problemsOf(result.error as v.BaseIssue<unknown>[]),
    );
  });

/** Checks the query. */
export const query = <T extends v.GenericSchema>(schema: T) =>
  validator('query', schema, (result) => {
    if (result.success) return;
    throw new Refusal(
      'bad-request',
      'The query does not fit.',
      problemsOf(result.error as v.BaseIssue<unknown>[]),
    );
  });

/** A whole number of a query. */
export const wholeText = (min: number) => {
  const right = `a whole number from ${min} to 9999999`;
  return v.pipe(v.string(right), v.regex(/^\d{1,7}$/, right), v.transform(Number), v.minValue(min, right));
};
