// Makes docs/pictures from a server that is running: npm run pictures -- URL
import { join } from 'node:path';
import { root } from '../../client/cli/local/processes.ts';
import type { SweepSummary } from '../../shared/protocol.ts';
import { launchBrowser, visit } from './harness.ts';

const url = process.argv[2] ?? 'http://127.0.0.1:8787';
const { sweeps } = (await (await fetch(`${url}/api/sweeps`)).json()) as { sweeps: SweepSummary[] };
const demo = sweeps.find(({ name }) => name === 'weight-decay-decides');
if (!demo || demo.finishedRuns < demo.runs) throw new Error('the demo sweep must be finished first');

const browser = await launchBrowser();
for (const colorScheme of ['light', 'dark'] as const) {
  const viewport = { width: 1280, height: 1420 };
  const { page } = await visit(browser, `${url}/sweeps/${demo.id}`, { colorScheme, viewport });
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: join(root, 'docs', 'pictures', `sweep-${colorScheme}.png`) });
}
await browser.close();
