// npm run bench -- engine [--quick] [--workload NAME]
// npm run bench -- scheduler [--quick]
// npm run bench -- kills [--times N]

import { parseArgs } from 'node:util';
import { exitWith, Refusal } from '../../client/cli/local/refusal.ts';

const USAGE =
  'Usage: npm run bench -- engine [--quick] [--workload NAME], npm run bench -- scheduler [--quick], or npm run bench -- kills [--times N]';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean' }, workload: { type: 'string' }, times: { type: 'string' } },
    allowPositionals: true,
  });
  const [name] = positionals;
  // Each loads what only it needs.
  if (name === 'engine' && positionals.length === 1) {
    const { benchEngine } = await import('./engine-command.ts');
    await benchEngine(values);
  } else if (name === 'scheduler' && positionals.length === 1 && values.workload === undefined) {
    const { benchScheduler } = await import('./scheduler-command.ts');
    await benchScheduler(values);
  } else if (name === 'kills' && positionals.length === 1 && /^[1-9]\d{0,2}$/.test(values.times ?? '10')) {
    const { benchKills } = await import('./kills-command.ts');
    if (!(await benchKills({ times: Number(values.times ?? '10') }))) process.exit(1);
  } else throw new Refusal(USAGE);
  process.exit(0);
}

await main().catch(exitWith);
