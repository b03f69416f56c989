// The `tabgrad` command. Each sub-command is loaded when asked for.

import { parseArgs } from 'node:util';
import { exitWith, Refusal } from './local/refusal.ts';

const HELP = `tabgrad: a public laboratory for how neural networks learn

  tabgrad submit SPEC.yaml [--url URL] [--token TOKEN]
      checks a sweep, posts it and prints its address
  tabgrad check SPEC.yaml
      checks a sweep without posting it: problems with their lines, or runs and cost
  tabgrad plan SPEC.yaml [--replicas R]
      shows a sweep's networks as they are computed: parameters, operations, cost and memory
  tabgrad run SPEC.yaml [--runs 0-7,12] [--out FILE.jsonl [--force] | --out -]
              [--engine auto|wasm|webgpu|tfjs] [--workers N] [--browser]
              [--seed N] [--weights FILE.f32] [--train-indices FILE.json]
      trains runs of a sweep on this machine, without a server: a table, or a JSON line for each run.
      --out      appends lines as runs finish; refuses a file that exists, --force replaces it once the
                 first runs are finished; - is standard output
      --workers  threads of wasm; as many as there are processors unless given
      --browser  trains in Chromium, where WebGPU is
      --seed     runs each selected configuration once, with this seed
      --weights  starts from these numbers: float32, little-endian, in the order of tabgrad plan
      --train-indices  a JSON list of the task's rows to train on; the others are the test set
      Ctrl-C ends it and keeps what is finished
  tabgrad volunteer URL [--until-done] [--sweep ID] [--name NAME] [--workers N]
              [--engine auto|wasm|webgpu|tfjs-webgpu|tfjs-wasm|tfjs-cpu]
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
  async plan(args) {
    const { values, positionals } = parse(args, { replicas: { type: 'string' } });
    const { printPlan } = await import('./plan.ts');
    printPlan(only(positionals, 'SPEC.yaml'), wholeNumber(values.replicas, '--replicas', [1, 1e6]) ?? 1);
  },
  async run(args) {
    const text = { type: 'string' } as const;
    const { values, positionals } = parse(args, {
      ...{ runs: text, out: text, engine: text, workers: text, seed: text, weights: text },
      'train-indices': text,
      ...{ force: { type: 'boolean' }, browser: { type: 'boolean' } },
    });
    const { engine = 'auto', runs, out, weights } = values as Record<string, string | undefined>;
    const { runHere } = await import('./run.ts');
    const { engineNamed } = await import('./run-pick.ts');
    await runHere(only(positionals, 'SPEC.yaml'), {
      ...{ runs, out, weights },
      engine: engineNamed(engine),
      workers: wholeNumber(values.workers, '--workers', [1, 256]) ?? null,
      seed: wholeNumber(values.seed, '--seed', [0, 0xffffffff]),
      trainIndices: values['train-indices'] as string | undefined,
      force: values.force === true,
      browser: values.browser === true,
    });
  },
  async volunteer(args) {
    const text = { type: 'string' } as const;
    const { values, positionals } = parse(args, {
      'until-done': { type: 'boolean' },
      sweep: text,
      name: text,
      engine: text,
      workers: text,
    });
    const { volunteerHere } = await import('./volunteer.ts');
    const { sweep, name, engine } = values as Record<string, string | undefined>;
    const url = origin(positionals.length === 0 ? LOCAL : only(positionals, 'URL'));
    const workers = wholeNumber(values.workers, '--workers', [1, 256]);
    const untilDone = values['until-done'] === true;
    await volunteerHere({ url, untilDone, sweep, name, engine, ...(workers && { workers }) });
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

type Options = Record<string, { type: 'string' | 'boolean' }>;

function parse(args: string[], options: Options) {
  try {
    return parseArgs({ args: joined(args, options), options, allowPositionals: true });
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const [first = ''] = (error as Error).message.split(/\. |\n/);
    throw new Refusal(`${first.replace(/\.$/, '')}; "tabgrad help" lists the options.`);
  }
}

/** The arguments with every value joined to its option, so that one that begins with a dash is a value too. */
function joined(args: string[], options: Options): string[] {
  const rest = [...args];
  const whole: string[] = [];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const name = arg.startsWith('--') ? arg.slice(2) : '';
    if (!Object.hasOwn(options, name) || options[name]?.type !== 'string') {
      whole.push(arg);
      continue;
    }
    const value = rest.shift();
    if (value === undefined || value.startsWith('--'))
      throw new Refusal(`${arg} needs a value after it; "tabgrad help" says which.`);
    whole.push(`${arg}=${value}`);
  }
  return whole;
}

function only(positionals: string[], what: string): string {
  const [first, ...rest] = positionals;
  if (first === undefined || rest.length > 0)
    throw new Refusal(`Give one ${what}, not ${positionals.length}.\n\n${HELP}`);
  return first;
}

function wholeNumber(text: unknown, option: string, [min, max]: [number, number]): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(String(text)) && number >= min && number <= max) return number;
  throw new Refusal(`${option}: "${text}" is not a whole number from ${min} to ${max}`);
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
