import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'tabgrad-cli-'));

/** Runs `tabgrad` as a user does; both outputs together, and the exit status. */
function tabgrad(...args: string[]): Promise<{ status: number; output: string }> {
  const main = join(import.meta.dirname, 'main.ts');
  const env = { ...process.env, TABGRAD_STATE: join(folder, 'state'), PORT: '1', TABGRAD_TOKEN: 'tg_x' };
  const node = ['--disable-warning=ExperimentalWarning', main, ...args];
  return new Promise((resolve) =>
    execFile(process.execPath, node, { env }, (error, stdout, stderr) =>
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    ),
  );
}

const example = join(import.meta.dirname, '..', '..', 'examples', 'weight-decay-decides.yaml');

test('a valid spec is told its runs, cells and cost', async () => {
  const { status, output } = await tabgrad('check', example);
  expect(output).toContain('32 runs in 4 cells');
  expect(output).toContain('8064 parameters');
  expect(output).toMatch(/[\d.]+e\+\d+ in all; the whole sweep costs [\d.]+e\+\d+\.\n/);
  expect(output).not.toContain('wait');
  expect(status).toBe(0);
});

test('the demo size of a spec is checked, planned and run on demand', async () => {
  const path = join(folder, 'demo.yaml');
  const patch = 'demo: { train: { steps: 20 }, parameters: { seed: { values: [0] } } }\n';
  writeFileSync(path, readFileSync(example, 'utf8') + patch);
  const said = async (...args: string[]) => (await tabgrad(...args)).output;
  const [small, full, plan, run, none] = await Promise.all([
    said('check', path, '--demo'),
    said('check', path),
    said('plan', path, '--demo'),
    said('run', path, '--demo', '--engine', 'wasm'),
    said('check', example, '--demo'),
  ]);
  expect(small).toContain('4 runs in 4 cells');
  expect(full).toContain('32 runs in 4 cells');
  expect(plan).toContain('Cell 0 of 4');
  expect(run).toContain('4 of 4 runs done');
  expect(none).toContain('demo: is required for the demo size');
}, 30_000);

test('an invalid spec is refused with file, line and what would be right', async () => {
  const path = join(folder, 'bad.yaml');
  writeFileSync(path, 'name: bad\ntitle: Bad\ntask: { p: 1, trainFraction: 0.5 }\n');
  const { status, output } = await tabgrad('submit', path);
  expect(output).toContain(`${path}:3 task.p: 1 is not allowed; use a whole number from 3 to 257`);
  expect(output).toContain('optimizer: is required');
  expect(output).not.toContain('    at ');
  expect(status).toBe(1);
});

test.each([
  [['submit', example], 'No server answers at http://127.0.0.1:1'],
  [['submit', join(folder, 'none.yaml')], 'none.yaml cannot be read: there is no such file.'],
  [['submit', folder], 'cannot be read: it is a folder.'],
  [['submit'], 'tabgrad submit takes one SPEC.yaml; none was given. "tabgrad help" says more.'],
  [['submit', example, '--url', 'nonsense'], '"nonsense" is not the address of a server'],
  [['volunteer', 'http://127.0.0.1:1'], 'No server answers'],
  [['volunteer', '--engine', 'abacus', '--frobnicate'], "Unknown option '--frobnicate'"],
  [['pause', 'nope'], 'SWEEP: "nope" is not the id of a sweep; its address ends in it, as in'],
  [['resume'], 'tabgrad resume takes one SWEEP; none was given'],
  [['retry', 'grid-0123abcd', 'grid-0123abcd'], 'tabgrad retry takes one SWEEP; 2 were given'],
  [['pause', 'http://127.0.0.1:2/sweeps/grid-0123abcd'], 'No server answers at http://127.0.0.1:2'],
  [
    ['pause', 'http://127.0.0.1:2/sweeps/grid-0123abcd', '--url', 'http://127.0.0.1:1'],
    'SWEEP is on http://127.0.0.1:2, and --url says http://127.0.0.1:1',
  ],
  [['cancel', 'grid-0123abcd'], 'No server answers at http://127.0.0.1:1'],
  [['cancel', 'grid-0123abcd', '--url', 'nonsense'], '"nonsense" is not the address of a server'],
  [['extend', 'grid-0123abcd'], 'Say how far: --seeds N, --run-cap N, or both'],
  [['extend', 'grid-0123abcd', '--seeds', '0'], '--seeds: "0" is not a whole number from 1 to 1000000'],
  [['extend', 'grid-0123abcd', '--run-cap', 'many'], '--run-cap: "many" is not a whole number from 1'],
  [['priority', 'grid-0123abcd', '4'], 'priority: "4" is not a whole number from 1 to 3'],
  [
    ['priority', 'grid-0123abcd'],
    'tabgrad priority takes SWEEP and a number from 1 to 3, as in: tabgrad priority SWEEP 2',
  ],
  [['rebuild'], 'tabgrad rebuild takes one SWEEP; none was given'],
  [['rebuild', 'grid-0123abcd', '--all'], 'Give either SWEEP or --all, not both'],
  [['status', 'now'], 'status takes no words, only --url: "now" is one too many'],
  [['status'], 'No server answers at http://127.0.0.1:1'],
  [['token'], 'npm start makes its token'],
  [['science'], 'tabgrad science takes run or write, as in: tabgrad science run 003-07'],
  [['science', 'run', '999'], 'There is no example for "999"; name a source or a row, such as 003'],
  [['science', 'run', '003-07', '--seconds', 'all'], '--seconds: "all" is not a whole number'],
  [['conquer'], 'There is no command "conquer"; "tabgrad help" lists them.'],
  [
    ['run', example, '--engine', 'abacus'],
    'There is no engine "abacus"; use one of auto, wasm, webgpu, tfjs',
  ],
  [['run', example, '--runs', '32'], 'there is no run 32; this sweep has runs 0 to 31'],
  [['run', example, '--seed', 'one'], '--seed: "one" is not a whole number from 0 to 4294967295'],
  [['run', example, '--seed', '-1'], '--seed: "-1" is not a whole number from 0'],
  [['run', example, '--runs', '-1'], '--runs: "-1" is neither a run nor a range'],
  [['run', example, '--runs', '--force'], '--runs needs a value after it'],
  [['run', example, '--out'], '--out needs a value after it'],
  [['run', example, '--force=yes'], "Option '--force' does not take an argument; "],
  [['volunteer', '--sweep', 'nope'], '--sweep: "nope" is not the id of a sweep'],
  [['volunteer', '--name', 'x'.repeat(60)], '--name: '],
  [['volunteer', '--duty', '5'], '--duty: "5" is not a whole number from 10 to 100'],
  [['volunteer', '--hours', '9'], '--hours: "9" is not two different hours from 0 to 23, such as 22-7'],
  [['volunteer', '--settings', join(folder, 'none.yaml')], 'none.yaml cannot be read: there is no such file'],
  [['volunteer', '--engine', 'abacus'], 'There is no engine "abacus"; use one of auto, wasm, webgpu'],
  [['run', example, '--weights', example], 'this network needs 32256:\n  E: 31 x 64 numbers, 7936 bytes'],
  [['run', example, '--engine', 'webgpu', '--runs', '0'], 'npm install --no-save webgpu@0.6.2'],
  [['plan', example, '--replicas', '0'], '--replicas: "0" is not a whole number from 1'],
])('tabgrad %j fails in plain words', async (args, words) => {
  const { status, output } = await tabgrad(...args);
  expect(output).toContain(words);
  expect(output).not.toContain('    at ');
  expect(status).toBe(1);
});

test('a command that is refused leaves its output as it was', async () => {
  const [none, old] = [join(folder, 'refused.jsonl'), join(folder, 'old.jsonl')];
  writeFileSync(old, 'old');
  const run = (...args: string[]) =>
    tabgrad('run', example, '--engine', 'webgpu', '--runs', '0', '--out', ...args);
  const done = await Promise.all([run(none), run(old, '--force')]);
  expect(done.map(({ status }) => status)).toEqual([1, 1]);
  expect(existsSync(none)).toBe(false);
  expect(readFileSync(old, 'utf8')).toBe('old');
}, 30_000);

test('help names every command', async () => {
  const { status, output } = await tabgrad();
  for (const name of [
    'submit',
    'extend',
    'retry',
    'priority',
    'rebuild',
    'status',
    'check',
    'plan',
    'run',
    'volunteer',
  ])
    expect(output).toContain(`tabgrad ${name}`);
  expect(output).toContain('tabgrad pause SWEEP | resume SWEEP | cancel SWEEP');
  expect(output).toContain('tabgrad token');
  expect(status).toBe(0);
  const asked = await Promise.all([tabgrad('run', example, '--help'), tabgrad('check', '-h')]);
  expect(asked).toEqual(Array(2).fill({ status, output }));
});

const short = join(folder, 'short.yaml');
writeFileSync(short, readFileSync(example, 'utf8').replace(/steps: \d+/, 'steps: 30'));

test('a plan lists the parameters in the order of --weights, and what a step costs', async () => {
  const { status, output } = await tabgrad('plan', short, '--replicas', '16');
  expect(output).toMatch(/ {2}E +\[31, 64\] +1984 .*\n {2}Win .*\n {2}Wout .*\n {2}Wunemb /);
  expect(output).toContain('12.7 MFLOP as written, 2.83 MFLOP as planned');
  expect(output).toContain('with all else: 13 MFLOP as written');
  expect(output).toContain('16 replicas');
  expect(output).not.toContain('more than a device');
  for (const line of output.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  expect(status).toBe(0);
});

test('a plan says when so many replicas need more memory than there is likely to be', async () => {
  const { output } = await tabgrad('plan', short, '--replicas', '1000000');
  expect(output).toContain('257 GB is more than a device is likely to have');
});

test('runs are written as JSON lines, the same whatever the number of workers, and never over a file', async () => {
  const run = (out: string, ...args: string[]) =>
    tabgrad('run', short, '--engine', 'wasm', '--runs', '0-2,5', '--out', out, ...args);
  const [one, three] = [join(folder, 'one.jsonl'), join(folder, 'three.jsonl')];
  const done = await Promise.all([run(one, '--workers', '1'), run(three, '--workers', '3')]);
  expect(done.map(({ status }) => status)).toEqual([0, 0]);
  const read = (path: string) =>
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const untimed = (path: string) => read(path).map(({ elapsedMs, stepsPerSecond, ...rest }) => rest);
  expect(untimed(one).map(({ index }) => index)).toEqual([0, 1, 2, 5]);
  expect(untimed(three)).toEqual(untimed(one));
  expect(done[0]?.output).toMatch(/\n5 +weight decay .* > 30 /);
  expect(untimed(one)[1]).toMatchObject({ engine: 'wasm', seed: 0, censoredAt: 30, parameterCount: 8064 });
  const again = await run(one);
  expect(again.output).toContain('exists already');
  expect(again.status).toBe(1);
}, 30_000);

test('a ticket alone is asked for, and the run it is taken from is trained first', async () => {
  const path = join(folder, 'ticket.yaml');
  const spec = {
    ...{ name: 'ticket', title: 'A ticket', task: { p: 7, trainFraction: 0.5 } },
    ...{ model: { embedding: 4, hidden: 4 }, optimizer: { lr: 0.01 }, train: { steps: 40 } },
    programme: 'dense',
    programmes: {
      dense: [
        { kind: 'train', steps: 40, stop: { when: 'memorised', giveUpAt: 20 } },
        { kind: 'snapshot', name: 'end' },
      ],
      ticket: [
        { kind: 'load', snapshot: 'end', from: { cell: { programme: 'dense' } } },
        ...[{ kind: 'prune', fraction: 0.5 }, { kind: 'rewind' }, { kind: 'train', steps: 20 }],
      ],
    },
    measures: { list: [{ kind: 'norms' }], points: 3 },
    parameters: { programme: { values: ['dense', 'ticket'] } },
  };
  writeFileSync(path, JSON.stringify(spec));
  const out = join(folder, 'ticket.jsonl');
  const { output, status } = await tabgrad('run', path, '--engine', 'wasm', '--runs', '1', '--out', out);
  expect(output).toContain('Trained first: 1 more');
  expect(status).toBe(0);
  const lines = readFileSync(out, 'utf8').trim().split('\n');
  expect(lines).toHaveLength(1);
  const record = JSON.parse(lines[0] as string);
  expect(record).toMatchObject({ index: 1, stops: [null], measured: { steps: [0, 10, 20] } });
  // It has one part.
  expect(record).not.toHaveProperty('judgedFrom');
  expect(record.measured.columns['norms.l2'].every((value: number) => value > 0)).toBe(true);
});
