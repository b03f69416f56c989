import { LineCounter, parseDocument } from 'yaml';
import { LIMITS } from '../limits.ts';
import { type Checked, type Problem, problem } from './problems.ts';
import { readSweep, type Sweep } from './sweep.ts';

export interface PlacedProblem extends Problem {
  /** Line of the text, counted from 1; the nearest line above where the field itself is absent. */
  line: number;
}

export type ReadSpec = { ok: true; value: Sweep } | { ok: false; problems: PlacedProblem[] };

/** Reads a spec from JSON or YAML (JSON is YAML) and places every problem on its line. */
export function readSpecText(text: string): ReadSpec {
  const length = new TextEncoder().encode(text).length;
  if (length > LIMITS.specBytesMax) {
    return {
      ok: false,
      problems: [
        { ...problem('', `${length} bytes`, `a spec of at most ${LIMITS.specBytesMax} bytes`), line: 1 },
      ],
    };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [error] = document.errors;
  if (error) {
    const line = lines.linePos(error.pos[0]).line;
    return {
      ok: false,
      problems: [{ ...problem('', undefined, `is not readable as YAML or JSON: ${error.message}`), line }],
    };
  }
  let checked: Checked<Sweep>;
  try {
    checked = readSweep(document.toJS({ maxAliasCount: 100 }));
  } catch {
    return { ok: false, problems: [{ ...problem('', undefined, 'uses too many YAML aliases'), line: 1 }] };
  }
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

/** The keys below `parameters` are dotted paths themselves: one key, not several. */
function pathKeys(field: string): string[] {
  const [first, ...rest] = field.split('.');
  return first === 'parameters' && rest.length > 0
    ? [first, rest.join('.')]
    : field === ''
      ? []
      : field.split('.');
}
