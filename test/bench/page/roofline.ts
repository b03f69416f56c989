// What the adapter can do at best: multiply-adds from registers, and copies of memory too large for its caches.

import { devicePeaks } from '../../../client/engine/webgpu/peaks.ts';

export interface Roofline {
  gflops: number;
  gigabytesPerSecond: number;
}

const COPIED = 64 * 2 ** 20;

export async function roofline(): Promise<Roofline> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  const device = await adapter?.requestDevice();
  if (!device) throw new Error('there is no graphics adapter');
  const { flopsPerSecond, bytesPerSecond } = await devicePeaks(device, COPIED);
  device.destroy();
  return { gflops: flopsPerSecond / 1e9, gigabytesPerSecond: bytesPerSecond / 1e9 };
}
