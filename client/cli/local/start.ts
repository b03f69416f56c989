import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './processes.ts';
import { exitWith, Refusal } from './refusal.ts';
import { type LocalServer, startServer } from './server.ts';

function chosenPort(): number {
  const port = Number(process.env.PORT ?? 8787);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new Refusal(`PORT must be a whole number from 1 to 65535, not ${JSON.stringify(process.env.PORT)}.`);
}

/** Posts the demo sweeps. The server knows those it has, so this is safe on every start. */
async function postExamples({ url, token }: LocalServer): Promise<void> {
  const folder = join(root, 'examples');
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  for (const name of names.sort()) {
    const response = await fetch(`${url}/api/sweeps`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/yaml' },
      body: readFileSync(join(folder, name)),
    });
    const answer = await response.text();
    if (!response.ok) console.error(`examples/${name} was refused (${response.status}): ${answer}`);
  }
}

const guide = (url: string) => `
Tabgrad is running at ${url}

  Lend this machine     open ${url}/run and press Start
  Watch the results     ${url}/sweeps
  Post a sweep          npm run tabgrad -- submit examples/weight-decay-decides.yaml
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
  await postExamples(server);
  console.log(guide(server.url));
  const failure = await server.failed;
  if (isStopping) return;
  await server.stop();
  throw failure;
}

await main().catch(exitWith);
