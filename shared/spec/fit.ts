import { taskSize, trainRowCount } from '../tasks/index.ts';
import { type Problem, problem } from './problems.ts';
import type { ModelSpec, RunConfig, TaskSpec } from './schema.ts';

/** One problem, told of whichever of its fields may be put right. */
type Telling = readonly [Problem, ...Problem[]];

/**
 * Problems of a configuration whose values are in range, each by itself, but do not fit together. A problem between
 * two fields is told of the one that is searched over.
 */
export function fitProblems(
  { task, model, train }: RunConfig,
  isSearched: (field: string) => boolean,
): Problem[] {
  const found = [...taskProblems(task), ...modelProblems(model, task)];
  const rows = trainRowCount(task);
  if (found.length === 0 && train.batch !== undefined && train.batch > rows)
    found.push([problem('train.batch', train.batch, `at most ${rows}, the number of training rows`)]);
  return found.map((telling) => telling.find(({ field }) => isSearched(field)) ?? telling[0]);
}

function taskProblems(task: TaskSpec): Telling[] {
  if (task.kind === 'modular') {
    const { rows } = taskSize(task);
    const train = trainRowCount(task);
    if (train >= 1 && train < rows) return [];
    const right = `a fraction that leaves at least 1 training and 1 test row of ${rows}`;
    return [[problem('task.trainFraction', task.trainFraction, right)]];
  }
  const { bits, relevant, trainRows, testRows } = task;
  if (relevant > bits) {
    const fewer = problem('task.relevant', relevant, `at most ${bits}, the number of bits`);
    return [[fewer, problem('task.bits', bits, `at least ${relevant}, the number of relevant ones`)]];
  }
  const all = 2 ** bits;
  if (trainRows + testRows <= all) return [];
  const right = `at most ${all} training and test rows together: ${bits} bits have no more`;
  const rows = [
    problem('task.trainRows', trainRows, right),
    problem('task.testRows', testRows, right),
  ] as const;
  const enough = `bits enough for ${trainRows + testRows} different rows`;
  return [[...rows, problem('task.bits', bits, enough)]];
}

function modelProblems(model: ModelSpec, task: TaskSpec): Telling[] {
  if (model.kind !== 'mlp' && taskSize(task).tokensPerRow === 0) {
    const right = `mlp: the rows of ${task.kind} are numbers, and ${model.kind} needs tokens`;
    return [[problem('model.kind', model.kind, right)]];
  }
  if (model.kind !== 'transformer' || model.embedding % model.heads === 0) return [];
  const { embedding, heads } = model;
  const divides = problem('model.heads', heads, `a number that divides the embedding, ${embedding}`);
  return [[divides, problem('model.embedding', embedding, `a multiple of ${heads}, the number of heads`)]];
}
