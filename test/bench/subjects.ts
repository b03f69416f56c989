// What is measured, and where it runs: ours on wasm in this process, everything else in pages of one Chromium.

import type { CDPSession, Page } from 'playwright-core';
import { nodeWasm } from '../../client/cli/wasm-node.ts';
import { wasmPoolEngine } from '../../client/engine/wasm/pool.ts';
import type { Bench, Trained, Wanted } from './page/page.ts';
import { sessionSubject } from './page/subject.ts';
import { treeCpuMs } from './process-tree.ts';

export interface HostCost {
  /** Processor time of the page's main thread. */
  hostMsPerStep: number;
  submissionsPerStep: number;
}

export interface Runner {
  /** Processor time so far of all processes that may work for this engine. */
  cpuMs(): number;
  train(steps: number): Promise<Trained>;
  losses(): Promise<number[]>;
  /** Milliseconds of each dispatch of a step by the adapter's clock, over so many steps; null where nothing tells. */
  dispatchMs(steps: number): Promise<number[] | null>;
  /** What a step costs the page where the adapter takes no time at all. Spoils what was trained. Null in Node. */
  hostCost(windowMs: number): Promise<HostCost | null>;
  end(): Promise<void>;
}

type Kind = Pick<Wanted, 'library' | 'device' | 'form'> & { replicas: readonly number[] };

/** Engines in the order of the table; ascending replicas where the engine trains several at once. */
export const kindsFor = (batches: readonly number[]): Kind[] => [
  { library: 'ours', device: 'wasm', form: 'rewritten', replicas: [1] },
  { library: 'jax-js', device: 'wasm', form: 'rewritten', replicas: [1] },
  { library: 'jax-js', device: 'wasm', form: 'as written', replicas: [1] },
  { library: 'tfjs', device: 'wasm', form: 'rewritten', replicas: [1] },
  { library: 'tfjs', device: 'wasm', form: 'as written', replicas: [1] },
  { library: 'ours', device: 'webgpu', form: 'rewritten', replicas: batches },
  { library: 'jax-js', device: 'webgpu', form: 'rewritten', replicas: batches },
  { library: 'jax-js', device: 'webgpu', form: 'as written', replicas: [1] },
  { library: 'tfjs', device: 'webgpu', form: 'rewritten', replicas: [1] },
  { library: 'tfjs', device: 'webgpu', form: 'as written', replicas: [1] },
];

/** Loads an engine with its replicas. Throws in words where it does not run here. */
export const openRunner = (wanted: Wanted, home: Page): Promise<Runner> =>
  wanted.library === 'ours' && wanted.device === 'wasm' ? inNode(wanted) : inPage(wanted, home);

async function inNode({ config, replicas }: Wanted): Promise<Runner> {
  const engine = await wasmPoolEngine(nodeWasm(1));
  const trainings = Array.from({ length: replicas }, (_, seed) => ({ config, seed }));
  const subject = sessionSubject(await engine.prepare(trainings));
  return {
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    async train(steps) {
      const start = performance.now();
      await subject.train(steps);
      return { wallMs: performance.now() - start, dispatches: 0, submissions: 0 };
    },
    losses: subject.losses,
    dispatchMs: subject.dispatchMs,
    hostCost: async () => null,
    end: async () => subject.end(),
  };
}

const EMPTY_STEPS_MAX = 20_000;

type WithBench = typeof globalThis & { bench: Bench };

/** In a page of its own, so that engines do not see one another's state. */
async function inPage(wanted: Wanted, home: Page): Promise<Runner> {
  const page = await home.context().newPage();
  const end = () => page.close();
  try {
    await page.goto(home.url());
    await page.evaluate((wanted) => (globalThis as WithBench).bench.open(wanted), wanted);
  } catch (error) {
    await end();
    throw error;
  }
  const cdp = await home.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  const train = (steps: number) =>
    page.evaluate((steps) => (globalThis as WithBench).bench.train(steps), steps);
  return {
    cpuMs: treeCpuMs,
    train,
    losses: () => page.evaluate(() => (globalThis as WithBench).bench.losses()),
    dispatchMs: (steps) => page.evaluate((steps) => (globalThis as WithBench).bench.dispatchMs(steps), steps),
    async hostCost(windowMs) {
      await page.evaluate(() => (globalThis as WithBench).bench.emptyDispatches());
      for (let steps = 1; ; ) {
        const before = await threadMs(cdp);
        const { wallMs, submissions } = await train(steps);
        const hostMs = (await threadMs(cdp)) - before;
        if (wallMs >= windowMs / 2 || steps >= EMPTY_STEPS_MAX)
          return { hostMsPerStep: hostMs / steps, submissionsPerStep: submissions / steps };
        steps = Math.ceil(steps * Math.min(8, Math.max(2, windowMs / Math.max(1, wallMs))));
      }
    },
    end,
  };
}

/** Processor time of a page's main thread so far. */
async function threadMs(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return 1000 * (metrics.find(({ name }) => name === 'ThreadTime')?.value ?? Number.NaN);
}
