import { expect, test } from 'vitest';
import { openDevice } from './device.ts';
import { devicePeaks } from './peaks.ts';

const MIB = 2 ** 20;

test('a device is measured within a few seconds, even one that a processor plays', async () => {
  const { device } = await openDevice(navigator.gpu);
  const startMs = performance.now();
  const { flopsPerSecond, bytesPerSecond } = await devicePeaks(device, MIB);
  expect(performance.now() - startMs).toBeLessThan(10_000);
  for (const peak of [flopsPerSecond, bytesPerSecond]) {
    expect(peak).toBeGreaterThan(1e7);
    expect(peak).toBeLessThan(1e15);
  }
  device.destroy();
});

test('a device that refuses is an error, and not lost by it', async () => {
  const machine = await openDevice(navigator.gpu);
  const tooMuch = 2 * machine.device.limits.maxBufferSize;
  await expect(devicePeaks(machine.device, tooMuch)).rejects.toThrow('refuses to be measured');
  expect(machine.lost).toBeNull();
  expect((await devicePeaks(machine.device, MIB)).bytesPerSecond).toBeGreaterThan(0);
  machine.device.destroy();
});
