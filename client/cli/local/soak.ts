// npm run soak -- --worlds 1000000 [--seed N]: lives through so many simulated worlds, on all cores but at most as many
// as asked for, and says what broke. With --seed and --verbose it tells the story of one.

import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './processes.ts';
import { exitWith, Refusal } from './refusal.ts';

interface Report {
  worlds: number;
  violations: { seed: number; broken: string }[];
  nondeterministic: number[];
  events: number;
  acknowledged: number;
  fired: Record<string, number>;
  logged: Record<string, number>;
}

const simulator = join(root, 'test', 'sim', 'main.ts');
const WORLDS_AT_ONCE = 2000;
const VIOLATIONS_MAX = 20;

const { values } = parseArgs({
  options: {
    worlds: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '0' },
    points: { type: 'string', default: '' },
    processes: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    verbose: { type: 'boolean', default: false },
  },
});

function wholeNumber(name: 'worlds' | 'seed' | 'processes', least: number): number {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < least)
    throw new Refusal(`--${name} is a whole number from ${least}, not ${values[name]}`);
  return number;
}

function simulate(args: readonly string[], stdout: 'pipe' | 'inherit'): Promise<string> {
  const child = spawn(process.execPath, [simulator, ...args], { stdio: ['ignore', stdout, 'inherit'] });
  let output = '';
  child.stdout?.on('data', (data) => {
    output += data;
  });
  return new Promise((resolve, reject) =>
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Refusal(`the simulator ended with ${code}`)),
    ),
  );
}

function add(sum: Record<string, number>, more: Record<string, number>): void {
  for (const [name, times] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + times;
}

const total: Report = {
  ...{ worlds: 0, violations: [], nondeterministic: [], events: 0, acknowledged: 0 },
  ...{ fired: {}, logged: {} },
};

function take(report: Report, seconds: number): void {
  total.worlds += report.worlds;
  total.events += report.events;
  total.acknowledged += report.acknowledged;
  total.violations.push(...report.violations);
  total.nondeterministic.push(...report.nondeterministic);
  add(total.fired, report.fired);
  add(total.logged, report.logged);
  const rate = Math.round(total.worlds / seconds);
  const { worlds, violations, nondeterministic } = total;
  console.log(
    `${worlds} worlds, ${rate} a second, ${violations.length} violations, ${nondeterministic.length} that differed when repeated`,
  );
  for (const { seed, broken } of report.violations)
    console.log(`${broken}\n  npm run soak -- --seed ${seed} --verbose`);
}

const table = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([name, times]) => `  ${String(times).padStart(10)}  ${name}`)
    .join('\n');

async function soak(): Promise<boolean> {
  const [first, worlds] = [wholeNumber('seed', 0), wholeNumber('worlds', 1)];
  const started = performance.now();
  let next = first;
  const work = async () => {
    while (next < first + worlds && total.violations.length < VIOLATIONS_MAX) {
      const from = next;
      const count = Math.min(WORLDS_AT_ONCE, first + worlds - from);
      next += count;
      const report = await simulate(['worlds', String(from), String(count)], 'pipe');
      take(JSON.parse(report), (performance.now() - started) / 1000);
    }
  };
  await Promise.all(Array.from({ length: wholeNumber('processes', 1) }, work));
  console.log(`\nHow often each fault struck\n${table(total.fired)}`);
  console.log(`\nWhat was logged\n${table(total.logged)}`);
  console.log(`\n${total.events} events, ${total.acknowledged} results acknowledged`);
  const { violations, nondeterministic } = total;
  const end = `${total.worlds} worlds, ${violations.length} violations, ${nondeterministic.length} nondeterministic replays`;
  console.log(`${end}, ${Math.round((performance.now() - started) / 1000)} s`);
  return violations.length === 0 && nondeterministic.length === 0;
}

async function main(): Promise<void> {
  if (values.verbose) {
    const points = values.points === '' ? [] : values.points.split(',');
    await simulate(['seed', String(wholeNumber('seed', 0)), ...points], 'inherit');
  } else if (!(await soak())) process.exitCode = 1;
}

await main().catch(exitWith);
