import { expect, test } from 'vitest';
import { disagreements, type Measurement, median, spreadOf, tableLines, targetLines } from './report.ts';

const measured = (change: Partial<Measurement>): Measurement => ({
  workload: 'W1',
  engine: 'ours wasm',
  form: 'rewritten',
  replicas: 1,
  cpuMsPerReplicaStep: 1,
  spread: 0.1,
  rounds: 3,
  hostMsPerStep: null,
  dispatchesPerStep: null,
  submissionsPerStep: null,
  replicaStepsPerSecond: 1000,
  gflops: 36,
  dispatchMs: null,
  loss: 4.2,
  ...change,
});

test('medians and spreads are those of the rounds', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(spreadOf([9, 10, 12])).toBeCloseTo(0.3);
  expect(spreadOf([9])).toBe(0);
});

test('a target is met, missed or not measured, and the line says which', () => {
  const lines = targetLines([
    measured({}),
    measured({ engine: 'tfjs wasm', form: 'as written', cpuMsPerReplicaStep: 124 }),
    measured({ engine: 'jax-js wasm', cpuMsPerReplicaStep: 25 }),
    measured({ engine: 'jax-js wasm', workload: 'T', cpuMsPerReplicaStep: 1 }),
    measured({ engine: 'ours webgpu', dispatchesPerStep: 4, submissionsPerStep: 0.5, hostMsPerStep: 0.02 }),
  ]);
  expect(lines).toContain('ours wasm against tfjs wasm as written: target >= 140x, measured 124x: missed');
  expect(lines).toContain('ours wasm against jax-js wasm rewritten: target >= 25x, measured 25x: met');
  expect(lines).toContain('dispatches per step, ours webgpu, R = 1: target <= 4.2, measured 4: met');
  expect(lines).toContain('submissions per step, ours webgpu, R = 1: target <= 0.05, measured 0.5: missed');
  expect(lines).toContain('ours wasm against PyTorch rewritten, one core: target >= 1.8x, not measured');
});

test('an engine that computed something else is named', () => {
  const other = measured({ engine: 'tfjs wasm', form: 'as written', loss: 4.201 });
  const broken = measured({ engine: 'jax-js wasm', loss: Number.NaN });
  expect(disagreements([measured({}), measured({ loss: 4.2 + 1e-5 })])).toEqual([]);
  expect(disagreements([measured({}), other, broken])).toEqual([
    'DISAGREES: tfjs wasm as written, R = 1 has loss 4.201, ours wasm rewritten, R = 1 has 4.2',
    'DISAGREES: jax-js wasm rewritten, R = 1 has loss NaN, ours wasm rewritten, R = 1 has 4.2',
  ]);
});

test('every engine is compared with ours on the same kind of device, replicas alike where they can be', () => {
  const lines = tableLines([
    measured({}),
    measured({ engine: 'ours webgpu', cpuMsPerReplicaStep: 50 }),
    measured({ engine: 'ours webgpu', replicas: 16, cpuMsPerReplicaStep: 25 }),
    measured({ engine: 'jax-js webgpu', replicas: 16, cpuMsPerReplicaStep: 75 }),
    measured({ engine: 'jax-js wasm', cpuMsPerReplicaStep: 20 }),
  ]);
  expect(lines[4]).toMatch(/^jax-js webgpu +rewritten +16 +75 +10 % +3 /);
  expect(lines[5]).toMatch(/^jax-js wasm +rewritten +1 +20 +10 % +20 /);
});
