// npm run bench -- engine [--quick] [--workload NAME]

import { cpus } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../../client/cli/local/refusal.ts';
import { openPage } from '../../client/cli/run-chromium.ts';
import { FULL, measureWorkload, QUICK, type Tell } from './engine.ts';
import type { Bench } from './page/page.ts';
import type { Roofline } from './page/roofline.ts';
import { measurePytorch } from './pytorch.ts';
import { record, root, status } from './record.ts';
import { digits, disagreements, type Measurement, tableLines, targetLines } from './report.ts';
import { QUICK_WORKLOADS, WORKLOADS } from './workloads.ts';

const TELL: Tell = {
  status,
  say: (words) => {
    status('');
    console.log(`  ${words}`);
  },
};

interface Machine {
  cpu: string;
  cores: number;
  adapter: string | null;
  node: string;
  chromium: string;
}

export interface EngineArguments {
  quick?: boolean;
  workload?: string;
}

/** Measures the engines and appends to the results. */
export async function benchEngine(values: EngineArguments): Promise<void> {
  const effort = values.quick ? QUICK : FULL;
  const known = [...new Set([...QUICK_WORKLOADS, ...WORKLOADS])];
  const workloads = values.workload
    ? known.filter(({ name }) => name === values.workload)
    : values.quick
      ? QUICK_WORKLOADS
      : WORKLOADS;
  if (workloads.length === 0)
    throw new Refusal(`--workload: use one of ${known.map(({ name }) => name).join(', ')}`);

  const { page, adapter, close } = await openPage(join(root, 'test', 'bench', 'page'), console.error);
  const all: Measurement[] = [];
  try {
    const chromium = page.context().browser()?.version() ?? '';
    const machine = {
      ...{ cpu: cpus()[0]?.model ?? '', cores: cpus().length, adapter },
      node: process.version,
      chromium,
    };
    const best =
      adapter === null
        ? null
        : await page.evaluate(() => (globalThis as unknown as { bench: Bench }).bench.roofline());
    console.log(machineWords(machine, best));
    for (const workload of workloads) {
      console.log(`\n${workload.name}: CPU-ms per step of one replica`);
      const measured = await measureWorkload(workload, effort, page, TELL);
      measured.push(...(await measurePytorch(workload, effort, TELL.say)));
      const lines = [
        tableLines(measured),
        shareLines(measured, best),
        clockLines(measured),
        lossLines(measured),
      ];
      for (const line of lines.flat()) console.log(`  ${line}`);
      record('engine', machine, measured);
      all.push(...measured);
    }
  } finally {
    await close();
  }
  console.log(`\nTargets (W1; ratios of CPU time in this very run)`);
  for (const line of targetLines(all)) console.log(`  ${line}`);
}

function machineWords({ cpu, cores, adapter, node, chromium }: Machine, best: Roofline | null): string {
  const gpu = best
    ? `${adapter}: ${digits(best.gflops)} GFLOP/s of multiply-adds, ${digits(best.gigabytesPerSecond)} GB/s of copying`
    : 'no graphics adapter';
  return `${cpu}, ${cores} cores; Node ${node}, Chromium ${chromium}\nGraphics adapter ${gpu}`;
}

function shareLines(measured: readonly Measurement[], best: Roofline | null): string[] {
  if (!best) return [];
  return measured
    .filter(({ engine }) => engine === 'ours webgpu')
    .map(({ replicas, gflops }) => {
      const share = digits((100 * gflops) / best.gflops);
      return `ours webgpu, R = ${replicas}: ${digits(gflops)} GFLOP/s, ${share} % of the adapter's`;
    });
}

/** Where a step's time goes; `tabgrad plan` says what the dispatches do. */
function clockLines(measured: readonly Measurement[]): string[] {
  return measured
    .filter(({ engine }) => engine === 'ours webgpu')
    .map(({ replicas, dispatchMs }) => {
      const times = dispatchMs?.map((ms) => `${digits(ms)} ms`).join(', ');
      return `ours webgpu, R = ${replicas}, its dispatches by the adapter's clock: ${times ?? 'it has none'}`;
    });
}

function lossLines(measured: readonly Measurement[]): string[] {
  const wrong = disagreements(measured);
  return wrong.length > 0 ? wrong : [`all losses agree after the first steps: ${measured[0]?.loss}`];
}
