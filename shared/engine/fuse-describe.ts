import { fuse, kernelOps } from './fuse.ts';
import { type KernelOp, lowerStep, writtenBy } from './fuse-ops.ts';
import type { Value } from './ops.ts';
import type { Plan } from './plan.ts';

const COLUMNS = 94;
const NAME_MAX = 30;

/**
 * A step's dispatches on WebGPU in lines: each dispatch with its kernels, which run side by side, and each kernel with
 * the operations it goes through, updates included. `minibatch` where batches are drawn from the training rows.
 */
export function describeDispatches(plan: Plan, minibatch: boolean): string[] {
  const fusion = fuse(lowerStep(plan, minibatch));
  return fusion.dispatches.flatMap((kernels, i) => [
    `dispatch ${i + 1}`,
    ...kernels.flatMap((kernel) => {
      const rows = kernel.rows?.batched ? 'each row of the batch' : `each of ${kernel.rows?.count} rows`;
      const words = kernelOps(kernel, fusion).map(({ op }) =>
        opWords(op, fusion.values, fusion.updates, plan),
      );
      return wrapped(`  ${kernel.rows === null ? '' : `${rows}: `}`, words);
    }),
  ]);
}

function opWords(
  op: KernelOp,
  values: readonly Value[],
  updates: ReturnType<typeof lowerStep>['updates'],
  { graph }: Plan,
): string {
  const out = writtenBy(op);
  if (out === null) return op.op;
  const { name } = values[out] as Value;
  const short = name.length > NAME_MAX ? `${name.slice(0, NAME_MAX - 3)}...` : name;
  const updated = (updates.get(out) ?? []).map(({ parameter }) => graph.parameters[parameter]?.name);
  return `${op.op} to ${short}${updated.length > 0 ? `, update ${updated.join(' and ')}` : ''}`;
}

/** Items after one another, broken into lines that begin below the first item. */
function wrapped(head: string, items: readonly string[]): string[] {
  const lines: string[] = [];
  let line = head;
  for (const [i, item] of items.entries()) {
    const text = i < items.length - 1 ? `${item}; ` : item;
    if (line.length + text.length > COLUMNS && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = '      ';
    }
    line += text;
  }
  return [...lines, line];
}
