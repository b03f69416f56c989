// Debian's Firefox has no WebGPU: it is told so, with what to do, and trains on the processor all the same.
import { expect, test } from 'vitest';
import { findFirefox } from '../../client/cli/local/firefox.ts';
import { visitInFirefox } from './firefox-driver.ts';
import { openServer } from './harness.ts';
import { expectWhole, post, seeds, spec, untilFinished } from './steps.ts';

const firefox = findFirefox();
const isOnLinux = process.platform === 'linux';

test.skipIf(!firefox || !isOnLinux)(
  'Firefox on Linux gets advice for it, and volunteers with the wasm engine',
  async () => {
    const server = await openServer();
    try {
      const { id } = await post(server, spec({ parameters: seeds(2) }));
      const page = await visitInFirefox(firefox as string, `${server.url}/run`);
      try {
        expect(await page.evaluate("'gpu' in navigator")).toBe(false);
        await page.untilText(
          new RegExp(`^Firefox ${Number.parseInt(page.version, 10)} on Linux has no WebGPU`),
        );
        await page.untilText(/the processor trains instead of the graphics card/);
        await page.untilText(/^Chrome or Chromium has WebGPU on Linux/);
        await page.untilText(/tabgrad volunteer/);
        // Nothing was computed before the volunteer agreed.
        expect(await page.evaluate("localStorage.getItem('tabgrad.engine')")).toBeNull();

        await page.press(/start/i);
        await page.untilText(/A short journey/);
        const { runs } = await untilFinished(server, id, 2);
        expect(runs.map(({ engine }) => engine)).toEqual(['wasm', 'wasm']);
        await expectWhole(server, id);
        await page.untilText(/^wasm on processor, \d+ threads?: [\d.]+ ms per step and run/);
        await page.untilText(/% of what this device could do at most/);
        expect(page.problems).toEqual([]);
      } finally {
        await page.close();
      }
    } finally {
      await server.remove();
    }
  },
);
