// The volunteer's Web Worker: runs the engine and the loop away from the page, so that neither a busy page nor a
// hidden tab slows the other down.

import { ApiError } from '../http.ts';
import { Control } from '../volunteer/control.ts';
import { Deliveries } from '../volunteer/deliveries.ts';
import { workServer } from '../volunteer/server.ts';
import { volunteer } from '../volunteer/volunteer.ts';
import { chooseEngine } from './choose.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { type TfjsPlatform, tfjsCandidates } from './tfjs/engine.ts';

const PLATFORM: TfjsPlatform = {
  registerGradients: () => import('@tensorflow/tfjs-core/dist/register_all_gradients'),
  wasmFolder: '/tfjs/',
};

const ENGINE_FAILURES_MAX = 3;

const report = (message: FromWorker) => postMessage(message);
let control: Control | null = null;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === 'start') startAlone(data);
  else if (data.type === 'pause') {
    control?.pause();
    report({
      type: 'phase',
      phase: 'paused',
      words: 'Paused. The unit in hand is kept for a minute and a half, then somebody else may finish it',
    });
  } else if (data.type === 'resume') {
    control?.resume();
    report({ type: 'phase', phase: 'training', words: 'Going on' });
  } else if (data.type === 'finish') control?.finish();
  else control?.stop();
});

/** One tab of a browser trains: two would hold the same unit and do the same work twice. */
function startAlone(message: Extract<ToWorker, { type: 'start' }>): Promise<void> {
  return navigator.locks.request('tabgrad training', { ifAvailable: true }, async (lock) => {
    if (lock) return start(message);
    const words = 'Another tab of this browser is training already.';
    report({ type: 'problem', words, fatal: true, code: null });
  });
}

async function start({ token, deviceId, prefers }: Extract<ToWorker, { type: 'start' }>): Promise<void> {
  if (control && !control.stopped) return;
  control = new Control();
  const mine = control;
  const broken = new Set<string>();
  const server = workServer('', { token, deviceId });
  const deliveries = new Deliveries(server, report);
  try {
    while (!mine.ending) {
      const chosen = await choose(broken);
      if (!chosen) return;
      try {
        await volunteer({ server, deliveries, ...chosen, prefers, untilDone: false, control: mine, report });
        return;
      } catch (error) {
        if (error instanceof ApiError) throw error;
        broken.add(chosen.engine.name);
        const again = broken.size < ENGINE_FAILURES_MAX;
        const words = `${chosen.engine.name} stopped working (${messageOf(error)})`;
        report({
          type: 'problem',
          words: again ? `${words}; trying the next engine` : words,
          fatal: !again,
          code: null,
        });
        if (!again) return;
      }
    }
  } catch (error) {
    report({
      type: 'problem',
      words: messageOf(error),
      fatal: true,
      code: error instanceof ApiError ? error.code : null,
    });
  } finally {
    mine.stop();
    // Whatever ended the work, what was finished is worth a last try.
    await deliveries.flush(mine).catch(() => undefined);
    if (control === mine) control = null;
    report({ type: 'phase', phase: 'stopped', words: 'Stopped' });
  }
}

async function choose(broken: ReadonlySet<string>) {
  report({ type: 'phase', phase: 'choosing', words: 'Measuring which engine is fastest on this device' });
  const candidates = tfjsCandidates(PLATFORM).filter(({ name }) => !broken.has(name));
  const { choice, trials } = await chooseEngine(candidates);
  if (!choice) {
    const reasons = trials.map(({ name, problem }) => `${name}: ${problem}`).join('; ');
    report({
      type: 'problem',
      words: `No engine works in this browser. ${reasons}`,
      fatal: true,
      code: null,
    });
    return null;
  }
  const backend = choice.engine.name.replace('tfjs-', '');
  report({
    type: 'engine',
    engine: choice.engine.name,
    backend,
    msPerStep: choice.msPerStep,
    choices: trials,
  });
  return { engine: choice.engine, flopsPerSecond: choice.flopsPerSecond };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
