import type { AxisValue } from '../shared/spec/schema.ts';
import { pathWords, valueWords } from '../shared/spec/words.ts';

export { pathWords, valueWords };

/** "weight decay 1.5, train fraction 0.3", from what a reply says of a cell; as shared/spec/words.ts says it. */
export const cellLabel = (paths: readonly string[], values: readonly AxisValue[]): string =>
  paths.map((path, i) => `${pathWords(path)} ${valueWords(values[i] as AxisValue)}`).join(', ') ||
  'the only cell';
