import { useState } from 'preact/hooks';
import { LIMITS } from '../../../shared/limits.ts';
import type { SweepReply } from '../../../shared/protocol.ts';
import { amount } from '../../format.ts';
import type { FieldProblem } from '../../http.ts';
import { type Change, problemOf } from './sweep-change.ts';
import { seedCount } from './sweep-data.ts';

interface GrowFormProps {
  sweep: SweepReply['sweep'];
  problems: readonly FieldProblem[];
  onChange: Change;
}

/** More seeds, or a higher cap: runs are only ever added, behind the ones there are. */
export function GrowForm({ sweep, problems, onChange }: GrowFormProps) {
  const { spec, runs } = sweep;
  const isGrid = spec.method === 'grid';
  return (
    <>
      {isGrid && (
        <NumberForm
          field="seeds"
          title="More seeds"
          label="Seeds for each configuration"
          now={seedCount(spec)}
          help="Every configuration gets the seeds after its last one."
          problem={problemOf(problems, 'seeds')}
          onSend={(seeds) => onChange({ seeds }, `Each configuration now has ${amount(seeds)} seeds.`)}
        />
      )}
      {(!isGrid || spec.run_cap !== undefined) && (
        <NumberForm
          field="run_cap"
          title="A higher cap"
          label="Runs at most (run_cap)"
          now={spec.run_cap ?? runs}
          help={isGrid ? 'More of the grid is trained.' : 'More configurations are drawn.'}
          problem={problemOf(problems, 'run_cap')}
          onSend={(cap) => onChange({ run_cap: cap }, `The sweep now has at most ${amount(cap)} runs.`)}
        />
      )}
    </>
  );
}

interface NumberFormProps {
  field: string;
  title: string;
  label: string;
  now: number;
  help: string;
  problem: string | null;
  onSend: (value: number) => void;
}

function NumberForm({ field, title, label, now, help, problem, onSend }: NumberFormProps) {
  const [text, setText] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    onSend(Number(text));
  };
  return (
    <form onSubmit={submit}>
      <fieldset class="part">
        <legend>{title}</legend>
        <label class="field">
          {label}
          <input
            type="number"
            inputMode="numeric"
            required
            min={1}
            max={LIMITS.runsMax}
            step={1}
            value={text}
            aria-describedby={`${field}-help`}
            aria-invalid={problem !== null}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <p id={`${field}-help`} class="small">
          {problem && <span class="problem-words">{problem}. </span>}
          Now {amount(now)}. {help} What there is keeps its place; nothing can be taken away.
        </p>
        <button type="submit" class="button">
          Add the runs
        </button>
      </fieldset>
    </form>
  );
}
