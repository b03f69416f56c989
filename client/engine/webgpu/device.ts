// A graphics device, and what becomes of calls that wait for it when it goes away.

import { DeviceLost } from '../../../shared/engine/engine.ts';
import { Unavailable } from '../choose.ts';

/** A device in use. */
export interface Machine {
  device: GPUDevice;
  /** "nvidia ampere", or "software". */
  words: string;
  isSoftware: boolean;
  hasTimestamps: boolean;
  /** The promise, unless the device is lost first: then it rejects with DeviceLost. */
  unlessLost<T>(promise: Promise<T>): Promise<T>;
  /** Null while the device is there. */
  readonly lost: DeviceLost | null;
}

/** Asks for the fastest adapter, with all it allows. Throws Unavailable where there is none. */
export async function openDevice(gpu: GPU): Promise<Machine> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    throw new Unavailable(
      'WebGPU found no graphics adapter: the graphics driver is blocked or missing. A newer driver or browser may help.',
    );
  const hasTimestamps = adapter.features.has('timestamp-query');
  const { maxStorageBufferBindingSize, maxBufferSize, maxComputeWorkgroupStorageSize } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredFeatures: hasTimestamps ? ['timestamp-query'] : [],
    requiredLimits: { maxStorageBufferBindingSize, maxBufferSize, maxComputeWorkgroupStorageSize },
  });
  const isSoftware = isSoftwareAdapter(adapter.info);
  const { vendor, architecture, description } = adapter.info;
  const words = [...new Set([vendor, architecture, description])].filter((word) => word !== '').join(' ');
  const watched = watch(device);
  return {
    device,
    unlessLost: watched.unlessLost,
    get lost() {
      return watched.lost;
    },
    words: isSoftware ? `software (${words})` : words || 'an unnamed graphics adapter',
    isSoftware,
    hasTimestamps,
  };
}

const isSoftwareAdapter = (info: GPUAdapterInfo): boolean =>
  info.isFallbackAdapter ||
  /swiftshader|llvmpipe|lavapipe|warp|basic render/i.test(`${info.architecture} ${info.description}`);

function watch(device: GPUDevice): Pick<Machine, 'unlessLost' | 'lost'> {
  let lost: DeviceLost | null = null;
  const waiting = new Set<(error: DeviceLost) => void>();
  const lose = (words: string) => {
    lost ??= new DeviceLost(words);
    for (const reject of waiting) reject(lost);
    waiting.clear();
  };
  void device.lost.then(({ message, reason }) =>
    lose(`the graphics device was lost: ${message || reason || 'no reason given'}`),
  );
  // Whatever was computed since may be wrong.
  device.addEventListener('uncapturederror', ({ error }) => {
    lose(`the graphics device failed: ${error.message}`);
    device.destroy();
  });
  const unlessLost = <T>(promise: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (lost) reject(lost);
      waiting.add(reject);
      const settled = (settle: () => void) => {
        waiting.delete(reject);
        settle();
      };
      promise.then(
        (value) => settled(() => resolve(value)),
        // What fails because the device is going away fails before the device says so.
        (error) => setTimeout(() => settled(() => reject(lost ?? error)), LOSS_GRACE_MS),
      );
    });
  return {
    unlessLost,
    get lost() {
      return lost;
    },
  };
}

/** How long after a failure the device may still report that it is lost. */
const LOSS_GRACE_MS = 50;
