import { nodeWasm } from '../client/cli/wasm-node.ts';
import { nodePlatform } from '../client/cli/platform-node.ts';
import { tfjsEngine } from '../client/engine/tfjs/engine.ts';
import { wasmEngine } from '../shared/engine/wasm/engine.ts';
import { wasmPoolEngine } from '../client/engine/wasm/pool.ts';
import { trainRuns } from '../client/volunteer/train.ts';
import { Control } from '../client/volunteer/control.ts';
import { Stamina } from '../client/volunteer/pace.ts';
import { encodeCurve, decodeCurve } from '../shared/curve.ts';
import { readSweep } from '../shared/spec/sweep.ts';
const p = nodePlatform(2);
const wasm = wasmEngine(await p.wasm.kernels());
const pool = await wasmPoolEngine(nodeWasm(2));
const tf = await tfjsEngine('cpu', p.tfjs);
const base = { task: { kind: 'modular', p: 7, trainFraction: 0.7 }, model: { kind:'embedding-mlp', embedding: 8, hidden: 8 }, optimizer: { kind:'adamw', lr: 0.01, weightDecay: 1, betas: [0.9, 0.98] }, train: { steps: 60 } };
const cases: Record<string, any> = {
  base: {}, batch1: { train: { steps: 60, batch: 1 } }, p3: { task: { kind: 'modular', p: 3, trainFraction: 0.5 } },
  p3b: { task: { kind: 'modular', p: 3, trainFraction: 0.2 } },
  linear: { model: { kind: 'mlp', hidden: [] } }, linearNoBias: { model: { kind: 'mlp', hidden: [], bias: false } },
  concat: { model: { kind: 'embedding-mlp', embedding: 5, hidden: 3, combine: 'concat' } },
  sgd0: { optimizer: { kind: 'sgd', lr: 0.5 } }, sgdm: { optimizer: { kind: 'sgd', lr: 0.1, momentum: 0.9, weightDecay: 0.01, decay: 'decoupled' } },
  sgdc: { optimizer: { kind: 'sgd', lr: 0.1, momentum: 0.9, weightDecay: 0.01 } },
  betas0: { optimizer: { kind: 'adamw', lr: 0.01, weightDecay: 0, betas: [0, 0] } },
  betas1: { optimizer: { kind: 'adamw', lr: 0.01, weightDecay: 0, betas: [0.9999999999999999, 0.9999999999999999] } },
  adam: { optimizer: { kind: 'adam', lr: 0.01, weightDecay: 0.1 } },
  eps1: { optimizer: { kind: 'adamw', lr: 0.01, eps: 1 } }, eps30: { optimizer: { kind: 'adamw', lr: 0.01, eps: 1e-30 } },
  one: { train: { steps: 1 } },
  div: { optimizer: { kind: 'sgd', lr: 10, momentum: 0.9 }, model: { kind: 'mlp', hidden: [8, 8], activation: 'quadratic' } },
  divsq: { optimizer: { kind: 'sgd', lr: 10 }, loss: { kind: 'squared-error' }, model: { kind: 'mlp', hidden: [8, 8] } },
  divsqlin: { optimizer: { kind: 'sgd', lr: 10, momentum: 0.5 }, loss: { kind: 'squared-error' }, model: { kind: 'mlp', hidden: [] }, train: { steps: 200 } },
  decay: { optimizer: { kind: 'adamw', lr: 10, weightDecay: 100 } },
  decayRelu: { optimizer: { kind: 'sgd', lr: 10, weightDecay: 100, decay:'decoupled' }, model: { kind:'mlp', hidden: [4] } },
  init100: { init: { scale: 100 }, model: { kind: 'mlp', hidden: [16,16,16,16,16,16,16,16], activation: 'quadratic' } },
  gelu: { model: { kind: 'mlp', hidden: [8], activation: 'gelu' }, init: { scale: 100 } },
  tanhd: { model: { kind: 'mlp', hidden: [8], activation: 'tanh' }, optimizer: { kind: 'sgd', lr: 10, weightDecay: 100 } },
  tr: { model: { kind: 'transformer', layers: 2, embedding: 6, heads: 2, mlp: 5, layerNorm: true, bias: true, positional: true } },
  trdiv: { model: { kind: 'transformer', layers: 2, embedding: 6, heads: 2, mlp: 5, layerNorm: true, bias: true, positional: true }, optimizer: { kind: 'sgd', lr: 10, weightDecay: 100 } },
  trdiv2: { model: { kind: 'transformer', layers: 1, embedding: 6, heads: 2, mlp: 5 }, optimizer: { kind: 'sgd', lr: 10, momentum: 0.9 }, init: { scale: 30 } },
  e1: { model: { kind: 'embedding-mlp', embedding: 1, hidden: 1 } },
  parity: { task: { kind: 'parity', bits: 2, relevant: 2, trainRows: 3, testRows: 1 }, model: { kind: 'mlp', hidden: [3] }, train: { steps: 60, batch: 2 } },
};
const only = process.argv.slice(2);
for (const [name, extra] of Object.entries(cases)) {
  if (only.length && !only.includes(name)) continue;
  const read = readSweep({ name: 'x', title: 'x', ...base, ...extra, parameters: { seed: { values: [0, 1, 2] } } });
  if (!read.ok) { console.log(name, 'REFUSED', JSON.stringify(read.problems)); continue; }
  const { runAt } = await import('../shared/spec/sweep.ts');
  const trainings = [0, 1, 2].map((i) => { const { config, seed } = runAt(read.value, i); return { config, seed }; });
  const out: any = {};
  for (const [en, engine] of Object.entries({ wasm, pool, tf })) {
    const got: any[] = [];
    for await (const g of trainRuns({ chosen: () => ({ engine, replicas: en === 'tf' ? 3 : 2 }), trainings, control: new Control(), stamina: new Stamina(), onGroup() {}, onPoints() {}, onMishap(w) { console.log('mishap', w); } })) got.push(...g.runs);
    out[en] = got.sort((a, b) => a.index - b.index);
  }
  const steps = trainings[0]!.config.train.steps;
  const dec = (r: any) => { const d = decodeCurve(encodeCurve(r.curve), steps); return d.ok ? 'ok' : d.wrong; };
  const bits = (r: any) => Buffer.from(encodeCurve(r.curve)).toString('hex') + r.weightsDigest;
  const l = (r: any) => [...r.curve.channels['train.loss']].at(-1);
  console.log(name.padEnd(12), 'pool=wasm', out.wasm.every((r: any, i: number) => bits(r) === bits(out.pool[i])),
    'div', out.wasm.map((r: any) => r.curve.divergedAt).join(), '|', out.tf.map((r: any) => r.curve.divergedAt).join(),
    'loss', out.wasm.map((r: any) => l(r)?.toPrecision(5)).join(), '|', out.tf.map((r: any) => l(r)?.toPrecision(5)).join(),
    'dec', out.wasm.map(dec).join(), '|', out.tf.map(dec).join());
}
process.exit(0);
