import { LineCounter, parseDocument } from 'yaml';
import { LIMITS } from '../limits.ts';
import { type Problem, problem } from './problems.ts';
import { readSweep, type Sweep } from './sweep.ts';

export interface PlacedProblem extends Problem {
  /** Line of the text, counted from 1; the nearest line above where the field itself is absent. */
  line: number;
}

const NESTING_MAX = 32;

export type ReadSpec = { ok: true; value: Sweep } | { ok: false; problems: PlacedProblem[] };

/** Reads a spec from JSON or YAML (JSON is YAML) and places every problem on its line. */
export function readSpecText(text: string): ReadSpec {
  const length = new TextEncoder().encode(text).length;
  if (length > LIMITS.specBytesMax) {
    return refusal(`a spec of at most ${LIMITS.specBytesMax} bytes`, 1, `${length} bytes`);
  }
  if (nesting(text) > NESTING_MAX) return refusal(`is nested deeper than ${NESTING_MAX} levels`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [error] = document.errors;
  if (error?.code === 'MULTIPLE_DOCS') return refusal('holds more than one document (a line of ---)');
  if (error) {
    const { line } = lines.linePos(error.pos[0]);
    return refusal(`is not readable as YAML or JSON: ${error.message}`, line);
  }
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const { message } = error as Error;
    const words = /excessive/i.test(message) ? 'uses too many YAML aliases' : message;
    return refusal(words, lineOfText(text, /\*\S/));
  }
  if (data === null) return refusal('is empty');
  const checked = readSweep(data);
  if (checked.ok) return checked;
  const lineOf = (field: string) => {
    for (let keys = pathKeys(field); keys.length > 0; keys = keys.slice(0, -1)) {
      const node = document.getIn(keys, true) as { range?: [number, number, number] } | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  return { ok: false, problems: checked.problems.map((p) => ({ ...p, line: lineOf(p.field) })) };
}

/** One problem with the text as a whole. */
const refusal = (expected: string, line = 1, value?: string): ReadSpec => ({
  ok: false,
  problems: [{ ...problem('', value, expected), line }],
});

/** An upper bound of how deep a text is nested, found without parsing it: parsers recurse. */
function nesting(text: string): number {
  let depth = 0;
  let most = 0;
  for (const c of text) {
    if (c === '[' || c === '{') most = Math.max(most, ++depth);
    else if (c === ']' || c === '}') depth = Math.max(0, depth - 1);
  }
  for (const line of text.split('\n')) {
    const dashes = /^\s*((-|\?)\s+)*/.exec(line)?.[0].match(/[-?]/g);
    most = Math.max(most, dashes?.length ?? 0);
  }
  return most;
}

/** The line of the first match, counted from 1; 1 where there is none. */
function lineOfText(text: string, pattern: RegExp): number {
  const at = text.search(pattern);
  return at < 0 ? 1 : text.slice(0, at).split('\n').length;
}

/** The keys below `parameters` are dotted paths themselves: one key, not several. */
function pathKeys(field: string): string[] {
  const [first, ...rest] = field.split('.');
  return first === 'parameters' && rest.length > 0
    ? [first, rest.join('.')]
    : field === ''
      ? []
      : field.split('.');
}
