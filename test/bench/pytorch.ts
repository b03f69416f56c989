import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { planOf } from '../../shared/engine/plan.ts';
import { replicaOf } from '../../shared/engine/replica.ts';
import type { Effort } from './engine.ts';
import { type Measurement, median, spreadOf } from './report.ts';
import type { Workload } from './workloads.ts';

interface Reply {
  form: Measurement['form'];
  loss: number;
  /** CPU-ms and wall-clock milliseconds per step, of each round. */
  cpuMs: number[];
  wallMs: number[];
}

/** The user's own, then the system's, which has Debian's PyTorch. */
const PYTHONS = ['python3', '/usr/bin/python3'];

/** PyTorch on one thread, where Python has it, for the networks its script knows. */
export async function measurePytorch(
  { name, config }: Workload,
  { rounds, windowMs }: Effort,
  say: (words: string) => void,
): Promise<Measurement[]> {
  if (config.model.kind !== 'embedding-mlp') return [];
  const python = PYTHONS.find(
    (name) => spawnSync(name, ['-c', 'import torch'], { timeout: 60_000 }).status === 0,
  );
  if (!python) {
    say('PyTorch: not found');
    return [];
  }
  const { task, order, trainRows, weights } = replicaOf({ config, seed: 0 });
  const rows = [...order.subarray(0, trainRows)];
  const input = JSON.stringify({
    tokens: rows.map((row) => [task.tokens[2 * row], task.tokens[2 * row + 1]]),
    targets: rows.map((row) => task.targets[row]),
    weights: weights.map((values) => [...values]),
    sizes: { p: task.vocabulary, embedding: config.model.embedding, hidden: config.model.hidden },
    optimizer: config.optimizer,
    rounds,
    roundSeconds: windowMs / 1000,
  });
  const { stdout, stderr, status } = spawnSync(python, [join(import.meta.dirname, 'pytorch.py')], {
    input,
    // Whatever PyTorch was built with: one thread is what one thread of ours is compared with.
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' },
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (status !== 0) {
    say(`PyTorch: ${stderr.trim().split('\n').at(-1)}`);
    return [];
  }
  return (JSON.parse(stdout) as Reply[]).map(({ form, loss, cpuMs, wallMs }) => ({
    workload: name,
    engine: 'PyTorch',
    form,
    replicas: 1,
    cpuMsPerReplicaStep: median(cpuMs),
    spread: spreadOf(cpuMs),
    rounds: cpuMs.length,
    hostMsPerStep: null,
    dispatchMs: null,
    dispatchesPerStep: null,
    submissionsPerStep: null,
    replicaStepsPerSecond: 1000 / median(wallMs),
    gflops: planOf(config).flopsPerStep.planned / median(wallMs) / 1e6,
    loss,
  }));
}
