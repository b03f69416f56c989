import { expect, test } from 'vitest';
import { DeviceLost } from '../../../shared/engine/engine.ts';
import { batchRow } from '../../../shared/random.ts';
import { addition } from '../../../test/configurations.ts';
import { webgpuEngine } from './engine.ts';
import { LIBRARY, RANDOM } from './wgsl/library.ts';

const config = addition({
  ...{ p: 11, embedding: 12, hidden: 8, trainFraction: 0.6, weightDecay: 1, steps: 20 },
});

/** The browser's GPU, with what it hands out within reach, and other limits. */
function watchedGpu(limits: Partial<Record<keyof GPUSupportedLimits, number>> = {}) {
  const devices: GPUDevice[] = [];
  const gpu = {
    async requestAdapter(options?: GPURequestAdapterOptions) {
      const adapter = (await navigator.gpu.requestAdapter(options)) as GPUAdapter;
      return {
        features: adapter.features,
        info: adapter.info,
        limits: adapter.limits,
        async requestDevice(descriptor: GPUDeviceDescriptor) {
          const device = await adapter.requestDevice(descriptor);
          const allowed = Object.create(device.limits, {});
          for (const key in device.limits) {
            const value =
              limits[key as keyof GPUSupportedLimits] ?? device.limits[key as keyof GPUSupportedLimits];
            Object.defineProperty(allowed, key, { value });
          }
          Object.defineProperty(device, 'limits', { value: allowed });
          devices.push(device);
          return device;
        },
      };
    },
  };
  return { gpu: gpu as unknown as GPU, devices };
}

test('a device that goes away is told apart from all else, and the next one is used', async () => {
  const { gpu, devices } = watchedGpu();
  const engine = await webgpuEngine(gpu);
  const session = await engine.prepare([{ config, seed: 1 }]);
  const training = session.advance(1_000_000, []);
  setTimeout(() => devices[0]?.destroy(), 50);
  await expect(training).rejects.toThrow(DeviceLost);
  await expect(session.advance(1_000_001, [])).rejects.toThrow('the graphics device was lost');
  await expect(session.save(0)).rejects.toThrow(DeviceLost);
  session.dispose();
  const again = await engine.prepare([{ config, seed: 1 }]);
  const [evaluation] = await again.advance(1, [1]);
  expect(evaluation?.[0]?.trainLoss).toBeGreaterThan(0);
  expect(devices.length).toBe(2);
  again.dispose();
});

test('without an adapter the error says what would help', async () => {
  const gpu = { requestAdapter: async () => null } as unknown as GPU;
  await expect(webgpuEngine(gpu)).rejects.toThrow('graphics driver');
});

test('replicas that do not fit a buffer together are trained in groups, with the same result', async () => {
  const trainings = Array.from({ length: 5 }, (_, seed) => ({ config, seed }));
  const train = async (gpu: GPU) => {
    const session = await (await webgpuEngine(gpu)).prepare(trainings);
    const evaluations = await session.advance(12, [0, 7, 12]);
    const [weights, checkpoint] = [await session.weights(4), await session.save(4)];
    return { evaluations, weights, checkpoint, dispatches: session.dispatchesPerStep };
  };
  const whole = await train(navigator.gpu);
  const parted = await train(watchedGpu({ maxStorageBufferBindingSize: 40_000 }).gpu);
  expect(parted.dispatches).toBeGreaterThan(whole.dispatches);
  expect({ ...parted, dispatches: 0 }).toEqual({ ...whole, dispatches: 0 });
});

test('one replica that does not fit is refused before anything is allocated', async () => {
  const { gpu, devices } = watchedGpu({ maxStorageBufferBindingSize: 4096 });
  const engine = await webgpuEngine(gpu);
  const device = devices[0] as GPUDevice;
  device.createBuffer = () => {
    throw new Error('allocated');
  };
  await expect(engine.prepare([{ config, seed: 1 }])).rejects.toThrow(/one replica needs .* allows/);
});

test('the rows of a mini-batch are those of the processor', async () => {
  const adapter = (await navigator.gpu.requestAdapter()) as GPUAdapter;
  const device = await adapter.requestDevice();
  const [seed, batch, rows, bits] = [0xfedcba98, 7, 23, 3];
  const code = `${LIBRARY}${RANDOM}
    @group(0) @binding(0) var<storage, read_write> out: array<u32>;
    @compute @workgroup_size(1) fn main(@builtin(workgroup_id) id: vec3<u32>) {
      out[id.x] = batchRow(${seed}u, 3u, id.x / ${batch}u, id.x % ${batch}u, ${batch}u, ${rows}u, ${bits}u);
    }`;
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const count = batch * 40;
  const size = 4 * count;
  const out = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const read = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const layout = pipeline.getBindGroupLayout(0);
  pass.setBindGroup(
    0,
    device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: out } }] }),
  );
  pass.dispatchWorkgroups(count);
  pass.end();
  encoder.copyBufferToBuffer(out, 0, read, 0, size);
  device.queue.submit([encoder.finish()]);
  await read.mapAsync(GPUMapMode.READ);
  const expected = Array.from({ length: count }, (_, i) =>
    batchRow({ seed, step: Math.floor(i / batch), position: i % batch }, { batch, rows }),
  );
  expect([...new Uint32Array(read.getMappedRange())]).toEqual(expected);
  device.destroy();
});
