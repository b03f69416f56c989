// What the golden tests need in Node, in workerd and in Chromium.

/** The kernels' module in whatever runs the test. */
export async function loadKernels(): Promise<WebAssembly.Module> {
  if (navigator.userAgent === 'Cloudflare-Workers')
    return (await import('../../shared/engine/wasm/kernels.wasm')).default;
  const url = new URL('../../shared/engine/wasm/kernels.wasm', import.meta.url);
  if (url.protocol !== 'file:') return WebAssembly.compileStreaming(fetch(url));
  const { readFile } = await import('node:fs/promises');
  return WebAssembly.compile(await readFile(url));
}

/** FNV-1a over the bytes of typed arrays. */
export function fingerprint(...arrays: (Float32Array | Int32Array | Float64Array)[]): string {
  let hash = 0x811c9dc5;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength))
      hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
