import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { postSpec } from '../../http.ts';
import { root } from './processes.ts';
import { exitWith, Refusal } from './refusal.ts';
import { type LocalServer, startServer } from './server.ts';

function chosenPort(): number {
  const port = Number(process.env.PORT ?? 8787);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new Refusal(`PORT must be a whole number from 1 to 65535, not ${JSON.stringify(process.env.PORT)}.`);
}

/** The demo sweeps, in the order in which visitors come to work on them: the one that shows most soonest is first. */
const DEMOS = ['weight-decay-decides', 'how-much-data'];

/** Posts the demo sweeps. The server knows those it has, so this is safe on every start. */
async function postDemos({ url, token }: LocalServer): Promise<void> {
  for (const name of DEMOS) {
    const spec = readFileSync(join(root, 'examples', `${name}.yaml`), 'utf8');
    await postSpec(`${url}/api/sweeps`, spec, token).catch((error) =>
      console.error(`examples/${name}.yaml was refused: ${error instanceof Error ? error.message : error}`),
    );
  }
}

const CHECK_FIRST_MS = 60_000;
const CHECK_EVERY_MS = 3600_000;

/** Deployed, a clock calls the hourly check of what is stored; locally nobody does but this. */
function keepChecking({ url }: LocalServer): void {
  const check = () => void fetch(`${url}/cdn-cgi/local/scheduled`).catch(() => {});
  setTimeout(check, CHECK_FIRST_MS).unref();
  setInterval(check, CHECK_EVERY_MS).unref();
}

const guide = (url: string) => `
Tabgrad is running at ${url}

  Lend this machine     open ${url}/run and press Start
  Watch the results     ${url}/sweeps
  Post a sweep          npm run tabgrad -- submit SPEC.yaml${url.endsWith(':8787') ? '' : ` --url ${url}`}
  Researcher token      npm run tabgrad -- token
  Stop                  Ctrl-C; everything is kept for the next npm start
`;

async function main(): Promise<void> {
  let server: LocalServer | null = null;
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, async () => {
      if (isStopping) return;
      isStopping = true;
      await server?.stop();
      process.exit(0);
    });
  }
  server = await startServer({ port: chosenPort(), log: console.log });
  await postDemos(server);
  keepChecking(server);
  console.log(guide(server.url));
  const failure = await server.failed;
  if (isStopping) return;
  await server.stop();
  throw failure;
}

await main().catch(exitWith);
