// The `tabgrad` command. Each sub-command is loaded when asked for.

import { parseArgs } from 'node:util';
import { LIMITS } from '../../shared/limits.ts';
import type { SweepChange } from '../../shared/protocol.ts';
import { PHENOMENA } from '../../shared/spec/phenomena.ts';
import { exitWith, Refusal } from './local/refusal.ts';
import { wholeNumber } from './whole-number.ts';

const HELP = `tabgrad: a public laboratory for how neural networks learn

  tabgrad submit SPEC.yaml [--demo] [--url URL] [--token TOKEN]
      checks a sweep, posts it and prints its address
  tabgrad pause SWEEP | resume SWEEP | cancel SWEEP
      stops handing out a sweep's work, goes on, or ends it for good; what devices have in hand
      they may finish. SWEEP is its id, or the address of its page
  tabgrad extend SWEEP [--seeds N] [--run-cap N] [--yes]
      adds runs behind the ones there are: N seeds for every configuration of a grid, N runs at most.
      Says what that costs; more than tenfold only with --yes
  tabgrad retry SWEEP
      hands out again what was given up
  tabgrad priority SWEEP 1|2|3
      its share among the sweeps of the same researcher
  tabgrad rebuild SWEEP | --all
      derives what the database says of a sweep again from what was accepted
  tabgrad dataset add FILE... [--url URL] [--token TOKEN]
      stores what tasks are made from: images and labels in IDX form, tables of text as CSV, each as
      it is or gzipped. Checks them first, and prints what to write into a spec
  tabgrad status
      how the server is; ends with 1 where the hourly checks of the last day found a problem
  tabgrad check SPEC.yaml [--demo]
      checks a sweep without posting it: problems with their lines, or runs and cost
  tabgrad plan SPEC.yaml [--demo] [--replicas R]
      shows a sweep's networks as they are computed: parameters, operations, cost and memory
  tabgrad run SPEC.yaml [--demo] [--runs 0-7,12] [--out FILE.jsonl [--force] | --out -]
              [--engine auto|wasm|webgpu|tfjs] [--workers N] [--browser]
              [--seed N] [--weights FILE.f32] [--train-indices FILE.json]
              [--data FOLDER|FILE]...
      trains runs of a sweep on this machine, without a server, and prints them as a table
      --out      appends a JSON line for each run as it finishes; refuses a file that exists, --force replaces
                 it once the first runs are finished; - is standard output, which then has no table
      --workers  threads of wasm; as many as there are processors unless given
      --browser  trains in Chromium, where WebGPU is
      --seed     runs each selected configuration once, with this seed
      --weights  starts from these numbers: float32, little-endian, in the order of tabgrad plan
      --train-indices  a JSON list of the task's rows to train on; the others are the test set
      --data     where the files are that the task is made from; they are known by their SHA-256
      Ctrl-C ends it and keeps what is finished
  tabgrad volunteer URL [--duty N] [--hours FROM-TO] [--on-battery rest|train] [--sweep ID]
              [--phenomenon NAME] [--researcher NAME] [--name NAME] [--workers N] [--until-done]
              [--engine auto|wasm|webgpu|tfjs-webgpu|tfjs-wasm|tfjs-cpu] [--settings FILE]
      lends this computer; Ctrl-C ends it and hands in how far the runs in hand are
      --duty        percent of the time to compute in, 10 to 100; 100 unless given
      --hours       local hours to compute in, as in 22-7; at any time unless given
      --on-battery  rest, unless this says train
      --sweep       work on this sweep first
      --phenomenon  work on this first: ${PHENOMENA.slice(0, -1).join(', ')}
                    or ${PHENOMENA.at(-1)}
      --researcher  work for this researcher first
      --name        the name to be known by; a made-up one unless given
      --workers     threads of wasm; as many as there are processors unless given
      --until-done  ends when no sweep has work left
      --settings    a file with any of these, a line each, as in "duty: 25"; options count more
  tabgrad science run [ROW...] [--full] [--seconds N] [--workers N] [--data FOLDER|FILE]...
      runs the examples of the catalogue's rows that have no results yet, their demo size unless --full, and
      keeps what came out in docs/science/results.jsonl. ROW is such as 003 or 003-07; no example is begun
      after N seconds
  tabgrad science write
      writes docs/science.md from the examples, the results and docs/science/verdicts/
  tabgrad token
      prints the researcher token of the server that npm start runs

--demo takes the small size that a spec has under its key demo, as those in examples/ do.
tabgrad COMMAND --help prints this.
submit to dataset take --url URL and --token TOKEN, status takes --url. URL is that of SWEEP where that
is an address, else http://127.0.0.1:8787 unless given. The token may also come from the variable
TABGRAD_TOKEN; for a server on this computer that is not needed.`;

const SERVER = { url: { type: 'string' }, token: { type: 'string' } } as const;
/** Whether the small size of a spec is meant, where it has one. */
const SIZE = { demo: { type: 'boolean' } } as const;
const LOCAL = `http://127.0.0.1:${process.env.PORT ?? 8787}`;

const commands: Record<string, (args: string[]) => Promise<void>> = {
  async submit(args) {
    const { values, positionals } = parse(args, { ...SERVER, ...SIZE });
    const { submitSpec } = await import('./submit.ts');
    const server = await serverOf(values);
    await submitSpec(only('submit', positionals, 'SPEC.yaml'), { ...server, demo: values.demo === true });
  },
  pause: (args) => changeAtOnce('pause', args, { mode: 'paused' }),
  resume: (args) => changeAtOnce('resume', args, { mode: 'running' }),
  retry: (args) => changeAtOnce('retry', args, { retry: true }),
  async cancel(args) {
    const { confirmed } = await import('./manage.ts');
    await changeAtOnce('cancel', args, { mode: 'cancelled' }, (id) => confirmed(`Cancel ${id} for good?`));
  },
  async extend(args) {
    const { values, positionals } = parse(args, {
      ...{ ...SERVER, seeds: { type: 'string' }, 'run-cap': { type: 'string' }, yes: { type: 'boolean' } },
    });
    const { extendSweep, sweepIn } = await import('./manage.ts');
    const sweep = sweepIn(only('extend', positionals, 'SWEEP'));
    const most: [number, number] = [1, LIMITS.runsMax];
    const seeds = wholeNumber(values.seeds, '--seeds', most);
    const cap = wholeNumber(values['run-cap'], '--run-cap', most);
    if (seeds === undefined && cap === undefined)
      throw new Refusal('Say how far: --seeds N, --run-cap N, or both');
    const growth = { ...(seeds && { seeds }), ...(cap && { run_cap: cap }) };
    await extendSweep(sweep.id, growth, { ...(await serverOf(values, sweep)), isSure: values.yes === true });
  },
  async priority(args) {
    const { values, positionals } = parse(args, SERVER);
    const [named, text, ...rest] = positionals;
    if (named === undefined || text === undefined || rest.length > 0)
      throw new Refusal(
        'tabgrad priority takes SWEEP and a number from 1 to 3, as in: tabgrad priority SWEEP 2',
      );
    const { changeSweep, sweepIn } = await import('./manage.ts');
    const priority = wholeNumber(text, 'priority', [1, 3]) as number;
    const sweep = sweepIn(named);
    await changeSweep(sweep.id, { priority }, await serverOf(values, sweep));
  },
  async rebuild(args) {
    const { values, positionals } = parse(args, { ...SERVER, all: { type: 'boolean' } });
    const { rebuildSweeps, sweepIn } = await import('./manage.ts');
    const isAll = values.all === true;
    if (isAll && positionals.length > 0) throw new Refusal('Give either SWEEP or --all, not both');
    const sweep = isAll ? null : sweepIn(only('rebuild', positionals, 'SWEEP'));
    await rebuildSweeps(sweep?.id ?? null, await serverOf(values, sweep));
  },
  async status(args) {
    const { values, positionals } = parse(args, { url: { type: 'string' } });
    if (positionals.length > 0)
      throw new Refusal(`status takes no words, only --url: "${positionals[0]}" is one too many`);
    const { printStatus } = await import('./status.ts');
    if (!(await printStatus(origin(String(values.url ?? LOCAL)), Date.now()))) process.exitCode = 1;
  },
  async dataset(args) {
    const { values, positionals } = parse(args, SERVER);
    const [verb, ...files] = positionals;
    if (verb !== 'add' || files.length === 0)
      throw new Refusal('tabgrad dataset takes the word add and files, as in: tabgrad dataset add FILE');
    const { addDatasets } = await import('./dataset.ts');
    await addDatasets(files, await serverOf(values));
  },
  async check(args) {
    const { values, positionals } = parse(args, SIZE);
    const { checkSpec } = await import('./submit.ts');
    checkSpec(only('check', positionals, 'SPEC.yaml'), { demo: values.demo === true });
  },
  async plan(args) {
    const { values, positionals } = parse(args, { replicas: { type: 'string' }, ...SIZE });
    const { printPlan } = await import('./plan.ts');
    const replicas = wholeNumber(values.replicas, '--replicas', [1, 1e6]) ?? 1;
    printPlan(only('plan', positionals, 'SPEC.yaml'), replicas, { demo: values.demo === true });
  },
  async run(args) {
    const text = { type: 'string' } as const;
    const { values, positionals } = parse(args, {
      ...{ runs: text, out: text, engine: text, workers: text, seed: text, weights: text },
      'train-indices': text,
      data: { type: 'string', multiple: true },
      ...{ force: { type: 'boolean' }, browser: { type: 'boolean' } },
      ...SIZE,
    });
    const { engine = 'auto', runs, out, weights } = values as Record<string, string | undefined>;
    const { runHere } = await import('./run.ts');
    const { engineNamed } = await import('./run-pick.ts');
    await runHere(only('run', positionals, 'SPEC.yaml'), {
      ...{ runs, out, weights },
      engine: engineNamed(engine),
      workers: wholeNumber(values.workers, '--workers', [1, 256]) ?? null,
      seed: wholeNumber(values.seed, '--seed', [0, 0xffffffff]),
      trainIndices: values['train-indices'] as string | undefined,
      data: (values.data as string[] | undefined) ?? [],
      force: values.force === true,
      browser: values.browser === true,
      demo: values.demo === true,
    });
  },
  async volunteer(args) {
    const { VOLUNTEER_OPTIONS, wishesOf } = await import('./volunteer-options.ts');
    const { values, positionals } = parse(args, VOLUNTEER_OPTIONS);
    const url = origin(positionals.length === 0 ? LOCAL : only('volunteer', positionals, 'URL'));
    const wishes = wishesOf(values);
    const { volunteerHere } = await import('./volunteer.ts');
    await volunteerHere(url, wishes);
  },
  async science(args) {
    const { values, positionals } = parse(args, {
      ...{ full: { type: 'boolean' }, seconds: { type: 'string' }, workers: { type: 'string' } },
      data: { type: 'string', multiple: true },
    });
    const [action, ...rows] = positionals;
    const { runScience, writeScience } = await import('./science.ts');
    if (action === 'write' && rows.length === 0) return writeScience();
    if (action !== 'run')
      throw new Refusal('tabgrad science takes run or write, as in: tabgrad science run 003-07');
    await runScience({
      ...{ rows, full: values.full === true, data: (values.data as string[] | undefined) ?? [] },
      seconds: wholeNumber(values.seconds, '--seconds', [0, 1e6]),
      workers: wholeNumber(values.workers, '--workers', [1, 256]) ?? null,
    });
  },
  async token() {
    console.log(await localToken());
  },
};

async function changeAtOnce(
  command: string,
  args: string[],
  change: SweepChange,
  isMeant: (id: string) => Promise<boolean> = async () => true,
): Promise<void> {
  const { values, positionals } = parse(args, SERVER);
  const { changeSweep, sweepIn } = await import('./manage.ts');
  const sweep = sweepIn(only(command, positionals, 'SWEEP'));
  const server = await serverOf(values, sweep);
  if (!(await isMeant(sweep.id))) throw new Refusal('Nothing was changed.');
  await changeSweep(sweep.id, change, server);
}

/** Where the server is, and as whom to speak to it. The token of the local server goes to no other computer. */
async function serverOf(
  values: Record<string, unknown>,
  named: { url: string | null } | null = null,
): Promise<{ url: string; token: string }> {
  const given = values.url === undefined ? null : origin(String(values.url));
  const url = named?.url ?? given ?? LOCAL;
  if (given !== null && given !== url)
    throw new Refusal(`SWEEP is on ${url}, and --url says ${given}; leave --url out, or give the id alone.`);
  const token = values.token ?? process.env.TABGRAD_TOKEN;
  if (token === undefined && !/^(127\.0\.0\.1|localhost|\[::1\])$/.test(new URL(url).hostname))
    throw new Refusal(`Give your token for ${url}: --token TOKEN, or the variable TABGRAD_TOKEN.`);
  return { url, token: String(token ?? (await localToken())) };
}

async function localToken(): Promise<string> {
  const { existsSync } = await import('node:fs');
  const { join } = await import('node:path');
  const { defaultStateDir, researcherToken } = await import('./local/state.ts');
  if (!existsSync(join(defaultStateDir, 'researcher-token')))
    throw new Refusal('No local server has been started here yet; npm start makes its token.');
  return researcherToken(defaultStateDir);
}

type Options = Record<string, { readonly type: 'string' | 'boolean'; readonly multiple?: boolean }>;

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

function only(command: string, positionals: string[], what: string): string {
  const [first, ...rest] = positionals;
  if (first !== undefined && rest.length === 0) return first;
  const given = first === undefined ? 'none was given' : `${positionals.length} were given`;
  throw new Refusal(`tabgrad ${command} takes one ${what}; ${given}. "tabgrad help" says more.`);
}

function origin(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url).origin;
  throw new Refusal(`"${url}" is not the address of a server; use one such as ${LOCAL}`);
}

try {
  const [name = 'help', ...args] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  const isAsked = args.includes('--help') || args[0] === '-h';
  if (/^(-h|--help|help)$/.test(name) || (command && isAsked)) console.log(HELP);
  else if (command) await command(args);
  else throw new Refusal(`There is no command "${name}"; "tabgrad help" lists them.`);
} catch (error) {
  exitWith(error);
}
