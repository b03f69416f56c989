import { closeSync, openSync, writeSync } from 'node:fs';
import { aligned } from '../../shared/engine/describe.ts';
import { cellWords } from '../../shared/spec/words.ts';
import { Refusal } from './local/refusal.ts';
import type { RunRecord } from './run-record.ts';

/** Where finished runs go. */
export interface Output {
  /** Whole lines, so that what is there after an interruption can be read. */
  add(records: readonly RunRecord[]): void;
  end(): void;
}

/**
 * JSON lines to a file or, with "-", to standard output; a table to standard output at the end where there is no
 * path. Refuses a file that exists, unless it may be replaced.
 */
export function openOutput(path: string | undefined, replace: boolean): Output {
  if (path === undefined) return table();
  if (path === '-') {
    // Libraries greet their users on standard output, which is for results alone.
    console.log = console.error;
    console.info = console.error;
    return lines(1, () => undefined);
  }
  const file = open(path, replace);
  return lines(file, () => closeSync(file));
}

function open(path: string, replace: boolean): number {
  try {
    return openSync(path, replace ? 'w' : 'wx');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new Refusal(
        `${path} exists already. Name another file with --out, or add --force to replace it.`,
      );
    throw new Refusal(`${path} cannot be written: ${message}`);
  }
}

const lines = (file: number, end: () => void): Output => ({
  add: (records) => writeAll(file, records.map((record) => `${JSON.stringify(record)}\n`).join('')),
  end,
});

/** A pipe may take less than it is given, or nothing for now. */
function writeAll(file: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(file, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') process.exit(1);
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

function table(): Output {
  const all: RunRecord[] = [];
  return {
    add: (records) => all.push(...records),
    end: () => {
      if (all.length > 0) console.log(tableOf(all));
    },
  };
}

/** Finished runs as a table, in the order of their indices. */
export function tableOf(records: readonly RunRecord[]): string {
  const head = ['run', 'cell', 'seed', 'tMem', 'tGen', 'tau', 'train', 'test', 'steps/s'];
  const rows = records
    .toSorted((a, b) => a.index - b.index)
    .map((record) => {
      const { index, parameters, seed, tMem, tGen, tau, censoredAt, divergedAt, curves } = record;
      const cell = cellWords(Object.keys(parameters), Object.values(parameters));
      const never = divergedAt === null ? '-' : `diverged at ${divergedAt}`;
      const later = censoredAt === null ? never : `> ${censoredAt}`;
      return [
        `${index}`,
        cell,
        `${seed}`,
        `${tMem ?? '-'}`,
        `${tGen ?? later}`,
        tau === null ? '-' : tau.toPrecision(3),
        percent(curves['train.accuracy'].at(-1)),
        percent(curves['test.accuracy'].at(-1)),
        `${record.stepsPerSecond}`,
      ];
    });
  return aligned([head, ...rows]).join('\n');
}

const percent = (share: number | undefined) => (share === undefined ? '-' : `${(100 * share).toFixed(1)} %`);
