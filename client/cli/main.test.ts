import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
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
  expect(status).toBe(0);
});

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
  [['submit', join(folder, 'none.yaml')], 'cannot be read'],
  [['submit'], 'Give one SPEC.yaml, not 0'],
  [['submit', example, '--url', 'nonsense'], '"nonsense" is not the address of a server'],
  [['volunteer', 'http://127.0.0.1:1'], 'No server answers'],
  [['volunteer', '--engine', 'abacus', '--frobnicate'], "Unknown option '--frobnicate'"],
  [['token'], 'npm start makes its token'],
  [['conquer'], 'There is no command "conquer"'],
])('tabgrad %j fails in plain words', async (args, words) => {
  const { status, output } = await tabgrad(...args);
  expect(output).toContain(words);
  expect(output).not.toContain('    at ');
  expect(status).toBe(1);
});

test('help names every command', async () => {
  const { status, output } = await tabgrad();
  for (const name of ['submit', 'check', 'volunteer', 'token']) expect(output).toContain(`tabgrad ${name}`);
  expect(status).toBe(0);
});
