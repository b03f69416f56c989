import { amount } from '../format.ts';
import { lending } from '../words/lending.ts';

/** What a run is computed on, in the reader's language; the names of graphics devices are what they are. */
export const deviceWords = (device: string): string =>
  device.replace(/^processor, (\d+) threads?\b/, (_, threads: string) =>
    lending().run.processor(amount(Number(threads)), threads === '1'),
  );
