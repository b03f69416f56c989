import type { Platform } from './platform.ts';
import { browserWasm } from './wasm/browser.ts';

export const browserPlatform = (): Platform => ({
  tfjs: {
    registerGradients: () => import('@tensorflow/tfjs-core/dist/register_all_gradients'),
    wasmFolder: '/tfjs/',
  },
  wasm: browserWasm(),
  async gpu() {
    if (!('gpu' in navigator)) throw new Error(isSecureContext ? NO_WEBGPU : INSECURE);
    if (!(await adapterOf(navigator.gpu))) throw new Error(NO_ADAPTER);
    return navigator.gpu;
  },
});

/** What this machine says it is: another adapter or processor is another machine. */
export async function browserMachine(): Promise<string> {
  const adapter = 'gpu' in navigator ? await adapterOf(navigator.gpu) : null;
  const { vendor, architecture, device, description } = adapter?.info ?? {};
  const words = [vendor, architecture, device, description].filter(Boolean).join(' ');
  return `${adapter ? words || 'some adapter' : 'no adapter'}, ${navigator.hardwareConcurrency} processors`;
}

const adapterOf = (gpu: GPU) => gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);

const NO_WEBGPU =
  'this browser has no WebGPU; Chrome and Edge from 113, Safari from 26, and Firefox from 141 on Windows have it';
const NO_ADAPTER =
  'the browser offers no graphics adapter; perhaps hardware acceleration is switched off in its settings';
const INSECURE = 'browsers offer WebGPU only to pages that come over https';
