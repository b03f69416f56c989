// What the adapter can do at best: multiply-adds from registers, and copies of memory too large for its caches.

export interface Roofline {
  gflops: number;
  gigabytesPerSecond: number;
}

const WORKGROUP = 64;
const LOOPS = 256;
const TRIAL_MS = 60;

/** Eight independent chains of four multiply-adds each turn, so that no result is waited for. */
const chains = Array.from({ length: 8 }, (_, i) => i);
const MULTIPLY_ADD = `
@group(0) @binding(0) var<storage, read_write> data: array<vec4f>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let x = data[id.x];
  ${chains.map((i) => `var y${i} = x * ${i + 1}.0;`).join(' ')}
  for (var i = 0; i < ${LOOPS}; i++) {
    ${chains.map((i) => `y${i} = fma(y${i}, x, x);`).join(' ')}
  }
  data[id.x] = ${chains.map((i) => `y${i}`).join(' + ')};
}`;

const COPY = `
@group(0) @binding(0) var<storage, read_write> to: array<vec4f>;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < arrayLength(&to); i += groups.x * ${WORKGROUP}u) { to[i] = source[i]; }
}`;

/** Measures the adapter; each figure is the best of a few tries. */
export async function roofline(): Promise<Roofline> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  const device = await adapter?.requestDevice();
  if (!device) throw new Error('there is no graphics adapter');
  const copied = 64 * 2 ** 20;
  const vectors = WORKGROUP * 4096;
  const multiply = await timed(device, MULTIPLY_ADD, { sizes: [16 * vectors], groups: 4096 });
  const copy = await timed(device, COPY, { sizes: [copied, copied], groups: 8192 });
  device.destroy();
  return {
    gflops: (vectors * LOOPS * chains.length * 8) / (multiply * 1e6),
    gigabytesPerSecond: (2 * copied) / (copy * 1e6),
  };
}

/** Milliseconds of one dispatch, the fewest of several tries that each fill `TRIAL_MS`. */
async function timed(
  device: GPUDevice,
  code: string,
  { sizes, groups }: { sizes: number[]; groups: number },
): Promise<number> {
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const entries = sizes.map((size, binding) => ({
    binding,
    resource: { buffer: device.createBuffer({ size, usage: GPUBufferUsage.STORAGE }) },
  }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const run = async (times: number) => {
    const start = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    for (let i = 0; i < times; i++) pass.dispatchWorkgroups(groups);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - start) / times;
  };
  await run(1);
  const once = await run(1);
  const times = Math.max(1, Math.min(1000, Math.ceil(TRIAL_MS / once)));
  return Math.min(await run(times), await run(times), await run(times));
}
