import { Hono } from 'hono';
import { generateSpecs } from 'hono-openapi';
import * as v from 'valibot';
import { RELEASE } from '../../shared/protocol.ts';
import { describe } from '../describe.ts';
import type { App } from '../env.ts';

const documentation = {
  info: {
    title: 'Tabgrad',
    version: RELEASE,
    description: 'Sweeps, their results, and the work that makes them. Reading needs no token.',
  },
  components: {
    securitySchemes: {
      researcher: { type: 'http', scheme: 'bearer', description: 'tg_...' },
      volunteer: { type: 'http', scheme: 'bearer', description: 'v1...., from POST /api/volunteers' },
    },
  },
} as const;

/** Serves the document that describes all routes of the app, itself included. */
export const openapi = (app: Hono<App>) =>
  new Hono<App>().get(
    '/api/openapi.json',
    describe({
      summary: 'This document',
      reply: v.looseObject({ openapi: v.string(), paths: v.looseObject({}) }),
    }),
    async (c) => c.json(await generateSpecs(app, { documentation, excludeStaticFile: false })),
  );
