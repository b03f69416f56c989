import type { Training } from '../../shared/engine/engine.ts';
import { planOf } from '../../shared/engine/plan.ts';
import { cellValues, type Run, type Sweep, sweepIdOf } from '../../shared/spec/sweep.ts';
import { cellWords } from '../../shared/spec/words.ts';
import { Control } from '../volunteer/control.ts';
import { Stamina } from '../volunteer/pace.ts';
import { trainRuns } from '../volunteer/train.ts';
import { Refusal } from './local/refusal.ts';
import { type ChosenEngine, type EngineWish, pickEngine } from './run-engine.ts';
import { checkTrainRows, readTrainRows, readWeights } from './run-inputs.ts';
import { type Output, openOutput } from './run-output.ts';
import { RunProgress } from './run-progress.ts';
import { recordOf } from './run-record.ts';
import { alikeTogether, selectRuns } from './run-selection.ts';
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
  const chosen = await pickEngine(options, (words) => progress.say(words));
  const { name, version, device } = chosen.engine;
  progress.say(`Engine: ${name} ${version} on ${device}`);
  try {
    await train({ sweep, runs, trainings, chosen, control, progress, output });
  } catch (error) {
    throw new Refusal(`The engine ${name} failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    progress.end();
    output.end();
    await chosen.end();
  }
  if (options.out !== undefined && options.out !== '-')
    console.error(`${progress.done} of ${runs.length} runs are in ${options.out}`);
  // Threads of an engine would keep the process alive.
  process.exit(control.stopped ? 130 : 0);
}

/** What to train, with the initial weights and training rows that were given. Refuses those that do not fit. */
function trainingsOf(runs: readonly Run[], { weights, trainIndices }: RunArguments): Training[] {
  const trainRows = trainIndices === undefined ? undefined : readTrainRows(trainIndices);
  const checked = new Set<string>();
  return runs.map(({ config, seed }): Training => {
    const task = JSON.stringify(config.task);
    if (trainRows && !checked.has(task)) checkTrainRows(trainRows, config);
    checked.add(task);
    return {
      config,
      seed,
      ...(weights === undefined ? {} : { weights: readWeights(weights, config) }),
      ...(trainRows ? { trainRows } : {}),
    };
  });
}

interface Work {
  sweep: Sweep;
  runs: readonly Run[];
  trainings: readonly Training[];
  chosen: ChosenEngine;
  control: Control;
  progress: RunProgress;
  output: Output;
}

async function train({ sweep, runs, trainings, chosen, control, progress, output }: Work): Promise<void> {
  const sweepId = sweepIdOf(sweep.spec);
  const paths = sweep.axes.map(({ path }) => path);
  let flopsPerStep = 0;
  const groups = trainRuns({
    chosen: () => chosen,
    trainings,
    control,
    stamina: new Stamina(),
    onGroup: (places) => {
      const group = places.map((place) => runs[place] as Run);
      const { config } = group[0] as Run;
      flopsPerStep = planOf(config).flopsPerStep.planned;
      const label = ({ index, cell, seed }: Run) =>
        `run ${index} (${cellWords(paths, cellValues(sweep, cell))}, seed ${seed})`;
      progress.begin(group.map(label), config.train.steps);
    },
    onPoints: (points, msPerStep) => progress.points(points, msPerStep, flopsPerStep),
    onMishap: (words) => progress.say(words),
  });
  for await (const { engine, runs: trained } of groups) {
    const records = trained.map((one) => recordOf(runs[one.index] as Run, one, { sweepId, sweep, engine }));
    output.add(records.sort((a, b) => a.index - b.index));
    progress.finished(records.length);
  }
}

/** The first Ctrl-C ends the run in good order, a later one at once. */
function stopOnSignals(control: Control, progress: RunProgress): void {
  const stop = () => {
    if (control.stopped) process.exit(130);
    progress.say('Stopping; finished runs are kept (Ctrl-C again leaves at once)');
    control.stop();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}
