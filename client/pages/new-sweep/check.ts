import { sentence } from '../../../shared/spec/problems.ts';
import type { Sweep } from '../../../shared/spec/sweep.ts';
import { readSpecText } from '../../../shared/spec/text.ts';
import type { EditorProblem } from '../../components/SpecEditor.tsx';
import type { ApiError } from '../../http.ts';

export type Verdict = { ok: true; sweep: Sweep } | { ok: false; problems: EditorProblem[] };

/** What the text in the editor is worth. */
export function check(text: string): Verdict {
  const read = readSpecText(text);
  if (read.ok) return { ok: true, sweep: read.value };
  return { ok: false, problems: read.problems.map((p) => ({ line: p.line, words: sentence(p) })) };
}

/** The server's problems, on the lines of the text where the server names lines; on the first where it does not. */
export const problemsOfRefusal = (error: ApiError): EditorProblem[] =>
  error.problems.map((p) => ({ line: p.line ?? 1, words: sentence(p) }));
