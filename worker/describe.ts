// How a route says what it takes and gives: the same schemas check requests and make the OpenAPI document.

import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { describeRoute, resolver, validator } from 'hono-openapi';
import * as v from 'valibot';
import { type ErrorCode, errorReply, VERSION } from '../shared/protocol.ts';
import { problemsOf } from '../shared/spec/problems.ts';
import type { App } from './env.ts';
import { Refusal, STATUS_OF } from './errors.ts';

interface Description {
  summary: string;
  description?: string;
  reply: v.GenericSchema;
  /** Statuses of that reply; 200 unless told. */
  statuses?: readonly (200 | 201)[];
  /** Codes of refusals, besides internal and busy. */
  refusals?: readonly ErrorCode[];
  by?: 'researcher' | 'volunteer';
  requestBody?: NonNullable<Parameters<typeof describeRoute>[0]['requestBody']>;
}

const json = (schema: v.GenericSchema) => ({
  'application/json': { schema: resolver(schema, { options: { typeMode: 'output' } }) },
});

/** Written once in the document, as everything refers to it. */
const refusal = v.pipe(errorReply, v.metadata({ ref: 'Refusal' }));

/** Describes a route in the OpenAPI document. */
export function describe(route: Description) {
  const { summary, reply, statuses = [200], refusals = [], by } = route;
  const codes: ErrorCode[] = [...refusals, ...(by ? (['unauthorized'] as const) : []), 'internal', 'busy'];
  const byStatus = Map.groupBy(codes, (code) => STATUS_OF[code]);
  return describeRoute({
    summary,
    ...(route.description ? { description: route.description } : {}),
    ...(route.requestBody ? { requestBody: route.requestBody } : {}),
    ...(by ? { security: [{ [by]: [] }] } : {}),
    responses: {
      ...Object.fromEntries(
        statuses.map((status) => [status, { description: summary, content: json(reply) }]),
      ),
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

/** Refuses messages of other versions; must come before the schema, which those need not fit. */
export const versioned = createMiddleware<App>(async (c, next) => {
  const body: unknown = await c.req.json().catch(() => {
    throw new Refusal('bad-request', 'The body is not valid JSON.');
  });
  const version = typeof body === 'object' && body !== null && 'version' in body ? body.version : undefined;
  const isKnown = version === VERSION || (VERSION > 1 && version === VERSION - 1);
  if (typeof version === 'number' && !isKnown) {
    throw new Refusal(
      'version',
      `This server speaks version ${VERSION}, not ${version}. Load the page again.`,
    );
  }
  await next();
});

/** Checks the JSON body. Problems name the field and what would be right. */
export const jsonBody = <T extends v.GenericSchema>(schema: T) =>
  validator('json', schema, (result, c) => {
    // Also when it would fit: browsers let every site send bodies of other types.
    if (!/^application\/json\b/i.test(c.req.header('content-type') ?? '')) {
      throw new Refusal('bad-request', 'The body must be sent as application/json.');
    }
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
