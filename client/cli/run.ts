import type { Training } from '../../shared/engine/engine.ts';
import type { Run } from '../../shared/spec/sweep.ts';
import { Control } from '../volunteer/control.ts';
import { type EngineWish, pickEngine } from './run-engine.ts';
import { checkTrainRows, readTrainRows, readWeights } from './run-inputs.ts';
import { openOutput } from './run-output.ts';
import { enginesOf } from './run-pick.ts';
import { RunProgress } from './run-progress.ts';
import { alikeTogether, selectRuns } from './run-selection.ts';
import { stopOnSignals } from './run-signals.ts';
import { trainAll } from './run-train.ts';
import { readChecked } from './submit.ts';

export interface RunArguments extends EngineWish {
  runs: string | undefined;
  seed: number | undefined;
  out: string | undefined;
  /** Replaces an output file that exists. */
  force: boolean;
  weights: string | undefined;
  trainIndices: string | undefined;
}

/** Trains runs of a spec on this machine and writes what came out, each as soon as it is finished. */
export async function runHere(path: string, options: RunArguments): Promise<void> {
  const { sweep } = readChecked(path);
  const runs = alikeTogether(selectRuns(sweep, options));
  const trainings = trainingsOf(runs, options);
  const output = openOutput(options.out, options.force);
  const progress = new RunProgress(process.stderr, runs.length);
  const control = new Control();
  stopOnSignals(control, progress);
  const engines = await pickEngine(options, (words) => progress.say(words));
  const failuresMax = enginesOf(options.engine);
  const problem = await trainAll({ sweep, runs, trainings, engines, failuresMax, control, progress, output })
    .then(() => null)
    .catch((error: Error) => error.message);
  progress.end();
  output.end();
  await engines.end().catch(() => undefined);
  if (problem !== null) console.error(problem);
  if (options.out !== undefined && options.out !== '-')
    console.error(
      progress.done === 0
        ? `No run was finished; nothing was written to ${options.out}`
        : `${progress.done} of ${runs.length} runs are in ${options.out}`,
    );
  // Threads of an engine would keep the process alive.
  process.exit(problem !== null ? 1 : control.stopped ? 130 : 0);
}

/** What to train, with the initial weights and training rows that were given. Refuses those that do not fit. */
function trainingsOf(runs: readonly Run[], { weights, trainIndices }: RunArguments): Training[] {
  const trainRows = trainIndices === undefined ? undefined : readTrainRows(trainIndices);
  const checked = new Set<string>();
  return runs.map(({ config, seed }): Training => {
    const fitting = JSON.stringify([config.task, config.train.batch]);
    if (trainRows && !checked.has(fitting)) checkTrainRows(trainRows, config);
    checked.add(fitting);
    return {
      config,
      seed,
      ...(weights === undefined ? {} : { weights: readWeights(weights, config) }),
      ...(trainRows ? { trainRows } : {}),
    };
  });
}
