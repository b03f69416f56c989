import { useRef } from 'preact/hooks';

export interface EditorProblem {
  line: number;
  words: string;
}

interface SpecEditorProps {
  text: string;
  problems: readonly EditorProblem[];
  onChange: (text: string) => void;
}

/** A text field with line numbers; lines with a problem are marked beside their number. */
export function SpecEditor({ text, problems, onChange }: SpecEditorProps) {
  const gutter = useRef<HTMLDivElement>(null);
  const marked = new Set(problems.map(({ line }) => line));
  const lines = text.split('\n').length;
  return (
    <div class="editor">
      <div class="editor-gutter" ref={gutter} aria-hidden="true">
        {Array.from({ length: lines }, (_, i) => (
          <div key={i} class={marked.has(i + 1) ? 'is-marked' : undefined}>
            {i + 1}
          </div>
        ))}
      </div>
      <textarea
        id="spec-text"
        value={text}
        rows={Math.min(32, Math.max(18, lines + 1))}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        wrap="off"
        aria-label="Spec, as YAML or JSON"
        aria-invalid={problems.length > 0}
        aria-describedby="spec-verdict"
        onInput={(event) => onChange(event.currentTarget.value)}
        onScroll={(event) => {
          if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
        }}
      />
    </div>
  );
}

/** Every problem with a button to its line. */
export function ProblemList({ problems }: { problems: readonly EditorProblem[] }) {
  const goTo = (line: number) => {
    const field = document.getElementById('spec-text') as HTMLTextAreaElement;
    const lines = field.value.split('\n');
    const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    field.focus();
    field.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  };
  return (
    <ul class="problems">
      {problems.map(({ line, words }) => (
        <li key={`${line} ${words}`}>
          <button type="button" class="link" onClick={() => goTo(line)}>
            line {line}
          </button>{' '}
          {words}
        </li>
      ))}
    </ul>
  );
}
