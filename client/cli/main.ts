// The `tabgrad` command. Each sub-command is loaded when asked for.

import { parseArgs } from 'node:util';
import { exitWith, Refusal } from './local/refusal.ts';

const HELP = `tabgrad: a public laboratory for how neural networks learn

  tabgrad submit SPEC.yaml [--url URL] [--token TOKEN]
      checks a sweep, posts it and prints its address
  tabgrad check SPEC.yaml
      checks a sweep without posting it: problems with their lines, or runs and cost
  tabgrad volunteer URL [--until-done] [--sweep ID] [--name NAME] [--engine webgpu|wasm|cpu]
      lends this computer; ends with Ctrl-C, handing the unit in hand back
  tabgrad token
      prints the researcher token of the server that npm start runs

URL is http://127.0.0.1:8787 unless given. The token may also come from the variable TABGRAD_TOKEN.`;

const LOCAL = `http://127.0.0.1:${process.env.PORT ?? 8787}`;

const commands: Record<string, (args: string[]) => Promise<void>> = {
  async submit(args) {
    const { values, positionals } = parse(args, { url: { type: 'string' }, token: { type: 'string' } });
    const { submitSpec } = await import('./submit.ts');
    const token = values.token ?? process.env.TABGRAD_TOKEN ?? (await localToken());
    await submitSpec(only(positionals, 'SPEC.yaml'), {
      url: origin(String(values.url ?? LOCAL)),
      token: String(token),
    });
  },
  async check(args) {
    const { positionals } = parse(args, {});
    const { checkSpec } = await import('./submit.ts');
    checkSpec(only(positionals, 'SPEC.yaml'));
  },
  async volunteer(args) {
    const text = { type: 'string' } as const;
    const { values, positionals } = parse(args, {
      'until-done': { type: 'boolean' },
      sweep: text,
      name: text,
      engine: text,
    });
    const { volunteerHere } = await import('./volunteer.ts');
    const { sweep, name, engine } = values as Record<string, string | undefined>;
    const url = origin(positionals.length === 0 ? LOCAL : only(positionals, 'URL'));
    await volunteerHere({ url, untilDone: values['until-done'] === true, sweep, name, engine });
  },
  async token() {
    console.log(await localToken());
  },
};

async function localToken(): Promise<string> {
  const { existsSync } = await import('node:fs');
  const { defaultStateDir, researcherToken } = await import('./local/state.ts');
  if (!existsSync(defaultStateDir))
    throw new Refusal('No local server has been started here yet; npm start makes its token.');
  return researcherToken(defaultStateDir);
}

function parse(args: string[], options: NonNullable<Parameters<typeof parseArgs>[0]>['options'] & object) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new Refusal(`${(error as Error).message.split('. ')[0]}.\n\n${HELP}`);
  }
}

function only(positionals: string[], what: string): string {
  const [first, ...rest] = positionals;
  if (first === undefined || rest.length > 0)
    throw new Refusal(`Give one ${what}, not ${positionals.length}.\n\n${HELP}`);
  return first;
}

function origin(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url).origin;
  throw new Refusal(`"${url}" is not the address of a server; use one such as ${LOCAL}`);
}

try {
  const [name = 'help', ...args] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) await command(args);
  else if (/^(-h|--help|help)$/.test(name)) console.log(HELP);
  else throw new Refusal(`There is no command "${name}".\n\n${HELP}`);
} catch (error) {
  exitWith(error);
}
