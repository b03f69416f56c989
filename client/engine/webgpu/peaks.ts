// What a graphics device does at best: multiply-adds from registers, and copies.

import type { Peaks } from '../../../shared/engine/engine.ts';
import { perSecond } from '../rate.ts';

const WORKGROUP = 64;
/** Of the multiply-adds: enough to fill the largest cards, few enough for a processor that plays one. */
const GROUPS = 1024;
const LOOPS = 64;
const CHAINS = Array.from({ length: 8 }, (_, i) => i);
const FLOPS = GROUPS * WORKGROUP * LOOPS * CHAINS.length * 4 * 2;
/** Of the copies, so that a thread copies a few vectors. */
const COPYING_GROUPS_MAX = 8192;
const VECTOR_BYTES = 16;

/** Eight independent chains of four multiply-adds each turn, so that no result is waited for. */
const MULTIPLY_ADD = `
@group(0) @binding(0) var<storage, read_write> data: array<vec4f>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let x = data[id.x];
  ${CHAINS.map((i) => `var y${i} = x * ${i + 1}.0;`).join(' ')}
  for (var i = 0; i < ${LOOPS}; i++) {
    ${CHAINS.map((i) => `y${i} = fma(y${i}, x, x);`).join(' ')}
  }
  data[id.x] = ${CHAINS.map((i) => `y${i}`).join(' + ')};
}`;

const COPY = `
@group(0) @binding(0) var<storage, read_write> to: array<vec4f>;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < arrayLength(&to); i += groups.x * ${WORKGROUP}u) { to[i] = source[i]; }
}`;

/** Takes about half a second; copies so many bytes, which must fit into a buffer. Throws where the device refuses. */
export async function devicePeaks(device: GPUDevice, bytes: number): Promise<Peaks> {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  const measuring = measure(device, bytes);
  await measuring.catch(() => undefined);
  const errors = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
  const error = errors.find((one) => one !== null);
  if (error) throw new Error(`the graphics device refuses to be measured: ${error.message}`);
  return measuring;
}

async function measure(device: GPUDevice, bytes: number): Promise<Peaks> {
  const vectors = Math.ceil(bytes / VECTOR_BYTES);
  const copying = Math.min(COPYING_GROUPS_MAX, Math.ceil(vectors / WORKGROUP));
  const sizes = [VECTOR_BYTES * vectors, VECTOR_BYTES * vectors];
  const dispatches = await rate(device, MULTIPLY_ADD, [VECTOR_BYTES * GROUPS * WORKGROUP], GROUPS);
  const copies = await rate(device, COPY, sizes, copying);
  // What is copied is read and written.
  return { flopsPerSecond: FLOPS * dispatches, bytesPerSecond: 2 * VECTOR_BYTES * vectors * copies };
}

/** Dispatches per second. */
async function rate(device: GPUDevice, code: string, sizes: number[], groups: number): Promise<number> {
  const compute = { module: device.createShaderModule({ code }) };
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute });
  const buffers = sizes.map((size) => device.createBuffer({ size, usage: GPUBufferUsage.STORAGE }));
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  try {
    return await perSecond((times) => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      for (let i = 0; i < times; i++) pass.dispatchWorkgroups(groups);
      pass.end();
      device.queue.submit([encoder.finish()]);
      return device.queue.onSubmittedWorkDone();
    });
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}
