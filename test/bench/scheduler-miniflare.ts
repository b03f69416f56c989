// The benchmark's server, in a process of its own: Miniflare without the proxies that `wrangler dev` puts in front of
// it. Its parent talks to it over IPC, and it ends with its parent.

import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare, NoOpLog } from 'miniflare';
import {
  unstable_getMiniflareWorkerOptions as optionsOf,
  unstable_splitSqlQuery as statements,
} from 'wrangler';
import { root } from '../../client/cli/local/processes.ts';
import type { Question, Setup } from './scheduler-setup.ts';

const HOST = '127.0.0.1';
/** Volunteers of the benchmark all come from one address. */
const REGISTRATIONS_MAX = 1_000_000;

const KINDS = { '.wasm': 'CompiledWasm', '.ttf': 'Data' } as const;

/** The worker, which is one script, and the files that it takes in. */
const modulesIn = (builtDir: string) => [
  { type: 'ESModule' as const, path: 'counted-worker.js' },
  ...readdirSync(builtDir).flatMap((path) => {
    const type = KINDS[extname(path) as keyof typeof KINDS];
    return type ? [{ type, path }] : [];
  }),
];

async function serve({ builtDir, stateDir, sql, tokenSecret, leaseMs }: Setup): Promise<void> {
  const { workerOptions } = optionsOf(join(root, 'wrangler.toml'));
  // Pages are no part of it, and what was built says itself of which kind its files are.
  const { assets: _, modulesRules: __, bindings, ...options } = workerOptions;
  const mf = new Miniflare(
    convertV4MiniflareOptions({
      ...options,
      modules: modulesIn(builtDir),
      rootPath: builtDir,
      bindings: {
        ...(bindings as object),
        TOKEN_SECRET: tokenSecret,
        ...(leaseMs === null ? {} : { LEASE_MS: String(leaseMs) }),
      },
      ratelimits: {
        REGISTRATIONS: { namespace_id: '1', simple: { limit: REGISTRATIONS_MAX, period: 60 } },
        STATES: { namespace_id: '2', simple: { limit: REGISTRATIONS_MAX, period: 60 } },
      },
      // Straight to the worker: the front of Miniflare parses and copies every request once more.
      unsafeDirectSockets: [{ host: HOST, port: 0 }],
      ...{ host: HOST, cf: false, log: new NoOpLog(), logRequests: false, telemetry: { enabled: false } },
      resourcePersistencePath: join(stateDir, 'storage'),
    }),
  );
  await mf.ready;
  const db = await mf.getD1Database('DB');
  for (const text of sql) await db.batch(statements(text).map((one) => db.prepare(one)));
  const answers: Record<Question, () => Promise<number>> = {
    rows: async () => {
      const namespace = await mf.getDurableObjectNamespace('DISPATCHER');
      const anyone = namespace.get(namespace.idFromName('rows')) as unknown as {
        rowsWritten(): Promise<number>;
      };
      return anyone.rowsWritten();
    },
    audit: async () => {
      await (await mf.getWorker()).scheduled({ cron: '17 * * * *' });
      return 0;
    },
  };
  process.on('message', async ({ id, question }: { id: number; question: Question }) => {
    process.send?.({ id, answer: await answers[question]().catch(String) });
  });
  process.send?.({ url: (await mf.unsafeGetDirectURL()).origin });
}

process.on('disconnect', () => process.exit());
process.once('message', serve);
