// Kernels that differ in numbers only share their code and read the numbers from the data: shaders stay short, and
// compile fast, however many layers a network has.

import { u } from './numbers.ts';
import type { Lines } from './scope.ts';

export interface KernelCode {
  lines: Lines;
  workgroups: number;
  /** Waits within loops: some shader compilers insist that their bounds are written out. */
  keepsNumbers?: boolean;
}

const NUMBER = /(?<![\w.])(\d+)u\b/g;
const numbersOf = (text: string): number[] =>
  Array.from(text.matchAll(NUMBER), ([, digits]) => Number(digits));

/** The branches of a shader to its kernels by the number of the workgroup. Numbers of shared code go into `args`. */
export function branches(
  kernels: readonly KernelCode[],
  args: number[],
): { lines: Lines; workgroups: number } {
  const families = new Map<string, KernelCode[]>();
  for (const [i, kernel] of kernels.entries()) {
    const skeleton = kernel.keepsNumbers ? String(i) : kernel.lines.join('\n').replaceAll(NUMBER, '#');
    families.set(skeleton, [...(families.get(skeleton) ?? []), kernel]);
  }
  let workgroups = 0;
  const lines = [...families.values()].flatMap((family, i, all) => {
    const first = workgroups;
    workgroups += family.reduce((sum, kernel) => sum + kernel.workgroups, 0);
    const isLast = i === all.length - 1;
    const condition = `${i > 0 ? '} else ' : ''}if (index < ${u(workgroups)}) {`;
    return [condition, ...familyCode(family, first, args), ...(isLast ? ['}'] : [])];
  });
  return { lines, workgroups };
}

function familyCode(family: readonly KernelCode[], first: number, args: number[]): Lines {
  const [{ lines }] = family as [KernelCode];
  if (family.length === 1) return [`let group = index - ${u(first)};`, ...lines];
  const text = lines.join('\n');
  const tables = family.map((kernel) => numbersOf(kernel.lines.join('\n')));
  const own = tables[0] as number[];
  const columns = own.map((_, i) => tables.map((table) => table[i] as number));
  /** Every different column of the table of numbers once. */
  const parameters = new Map<string, number>();
  const nameOf = columns.map((column) => {
    if (column.every((n) => n === column[0])) return u(column[0] as number);
    const key = column.join();
    if (!parameters.has(key)) parameters.set(key, parameters.size);
    return `p${parameters.get(key)}`;
  });
  const start = args.length;
  const width = 1 + parameters.size;
  const rows = [...parameters.keys()].map((key) => key.split(',').map(Number));
  family.forEach(({ workgroups }, i) => {
    args.push(workgroups, ...rows.map((column) => column[i] as number));
  });
  let next = 0;
  return [
    `var group = index - ${u(first)};`,
    `var at = ${u(start)};`,
    `while (group >= data[at]) { group -= data[at]; at += ${u(width)}; }`,
    ...rows.map((_, i) => `let p${i} = data[at + ${u(i + 1)}];`),
    text.replaceAll(NUMBER, () => nameOf[next++] as string),
  ];
}
