// npm test and npm run check: types, Biome and the test projects; ends with one line of counts.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildClient } from './build.ts';
import { ensureChromium } from './chromium.ts';
import { ensureFirefox } from './firefox.ts';
import { root, runTool, spawnTool } from './processes.ts';
import { exitWith } from './refusal.ts';

type Counts = { passed: number; failed: number; skipped: number };

const resultsDir = join(root, 'dist', 'test');
const reportPath = join(resultsDir, 'report.json');
const fastProjects = ['--project', 'shared', '--project', 'worker'];

/** A check by a tool that knows only yes and no, counted like one test. */
async function check(title: string, tool: string, args: string[]): Promise<boolean> {
  const { status, output } = await runTool(tool, args);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${title}`);
  if (status !== 0) console.log(output.trim());
  return status === 0;
}

async function runVitest(args: string[]): Promise<Counts> {
  const report = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
  const child = spawnTool('vitest', ['run', ...report, ...args], { stdio: 'inherit' });
  process.once('SIGTERM', () => child.kill('SIGTERM'));
  const status = await new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
  const counts = countsOf(readReport());
  // Whatever made vitest fail without failing a test (a file that does not load, a stray rejection) counts as one.
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

type Report = {
  testResults: { status: string; assertionResults: { status: string }[] }[];
};

function readReport(): Report {
  try {
    return JSON.parse(readFileSync(reportPath, 'utf8'));
  } catch {
    return { testResults: [] };
  }
}

function countsOf({ testResults }: Report): Counts {
  const statuses = testResults.flatMap((file) => file.assertionResults.map((test) => test.status));
  const count = (status: string) => statuses.filter((one) => one === status).length;
  const unloadable = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const [passed, failed] = [count('passed'), count('failed')];
  return { passed, failed: failed + unloadable.length, skipped: statuses.length - passed - failed };
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const isFast = args[0] === '--fast';
  rmSync(resultsDir, { recursive: true, force: true });
  mkdirSync(resultsDir, { recursive: true });

  if (!isFast) {
    await ensureChromium(console.log);
    ensureFirefox(console.log);
  }
  const checks = await Promise.all([
    check('types of shared, client and tests', 'typescript', ['-p', '.']),
    check('types of the worker', 'typescript', ['-p', 'worker']),
    check('types of the simulator', 'typescript', ['-p', 'test/sim']),
    check('Biome', '@biomejs/biome', ['ci', '--colors=off', '.']),
  ]);
  if (!isFast) await buildClient(console.log);
  const tests = await runVitest(isFast ? [...fastProjects, ...args.slice(1)] : args);

  const passed = tests.passed + checks.filter((ok) => ok).length;
  const failed = tests.failed + checks.filter((ok) => !ok).length;
  const summary = `${passed} passed, ${failed} failed`;
  if (tests.skipped > 0) console.log(`\n${tests.skipped} skipped`);
  writeFileSync(join(resultsDir, 'summary'), `${summary}\n`);
  console.log(`\nTypes, Biome and tests together: ${summary}`);
  process.exit(failed === 0 ? 0 : 1);
}

await main().catch(exitWith);
