import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileKernels, kernelsPath } from './kernels.ts';

test('the committed kernels are what their sources compile to, at most 30 KB, and use nothing of the host', async () => {
  const committed = readFileSync(kernelsPath);
  expect(Buffer.compare(committed, await compileKernels()), 'run npm run kernels').toBe(0);
  expect(committed.length).toBeLessThan(30 * 1024);
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(committed));
  expect(imports).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
}, 60_000);
