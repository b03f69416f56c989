import { useMemo, useRef, useState } from 'preact/hooks';
import { LIMITS } from '../../../shared/limits.ts';
import type { SweepReply } from '../../../shared/protocol.ts';
import { type Growth, grownSweep } from '../../../shared/spec/grow.ts';
import { sentence } from '../../../shared/spec/problems.ts';
import { sweepOf } from '../../../shared/spec/sweep.ts';
import { sweepFlops } from '../../../shared/spec/sweep-cost.ts';
import { amount, flops, runsWords } from '../../format.ts';
import type { FieldProblem } from '../../http.ts';
import { useKeptFocus } from '../use-kept-focus.ts';
import { type Change, problemOf } from './sweep-change.ts';
import { seedCount } from './sweep-data.ts';

interface GrowFormProps {
  sweep: SweepReply['sweep'];
  problems: readonly FieldProblem[];
  /** Another number is being written: what was said of the last one is over. */
  onEdit: () => void;
  onChange: Change;
}

/** More seeds, or a higher cap: runs are only ever added, behind the ones there are. */
export function GrowForm({ sweep, problems, onEdit, onChange }: GrowFormProps) {
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
          sweep={sweep}
          onEdit={onEdit}
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
          sweep={sweep}
          onEdit={onEdit}
          onSend={(cap) => onChange({ run_cap: cap }, `The sweep now has at most ${amount(cap)} runs.`)}
        />
      )}
    </>
  );
}

interface NumberFormProps {
  field: 'seeds' | 'run_cap';
  title: string;
  label: string;
  now: number;
  help: string;
  /** What the server has against the number sent last. */
  problem: string | null;
  sweep: SweepReply['sweep'];
  onEdit: () => void;
  onSend: (value: number) => void;
}

function NumberForm({ field, title, label, now, help, sweep, onEdit, onSend, ...props }: NumberFormProps) {
  const [text, setText] = useState('');
  const [asked, setAsked] = useState<Growth | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const outcome = useMemo(() => (asked ? outcomeOf(sweep, asked) : {}), [sweep, asked]);
  const isAsking = outcome.words !== undefined;
  const box = useKeptFocus<HTMLFieldSetElement>(`${isAsking}`);
  const problem = outcome.problem ?? props.problem;
  const submit = (event: Event) => {
    event.preventDefault();
    if (!isAsking) setAsked({ [field]: Number(text) });
  };
  const leave = () => {
    setAsked(null);
    input.current?.focus();
  };
  const send = () => {
    leave();
    onSend(Number(text));
  };
  const edit = () => {
    setText(input.current?.value ?? '');
    setAsked(null);
    onEdit();
  };
  return (
    <form onSubmit={submit}>
      <fieldset ref={box} class="part">
        <legend>{title}</legend>
        <label class="field">
          {label}
          <input
            ref={input}
            type="number"
            inputMode="numeric"
            required
            min={1}
            max={LIMITS.runsMax}
            step={1}
            value={text}
            aria-describedby={`${field}-help`}
            aria-invalid={problem !== null}
            onInput={edit}
          />
        </label>
        <p id={`${field}-help`} class="small">
          {problem && <span class="problem-words">{problem}. </span>}
          Now {amount(now)}. {help} What there is keeps its place; nothing can be taken away.
        </p>
        {outcome.words ? (
          <Confirm words={outcome.words} onNo={leave} onYes={send} />
        ) : (
          <button type="submit" class="button">
            Add runs …
          </button>
        )}
      </fieldset>
    </form>
  );
}

/** What adding them would make of the sweep, in words, or why it cannot be done. */
function outcomeOf(sweep: SweepReply['sweep'], growth: Growth): { words?: string; problem?: string } {
  const grown = grownSweep(sweepOf(sweep.spec), growth);
  if (!grown.ok) return { problem: grown.problems.map(sentence).join('; ') };
  const added = grown.value.runs - sweep.runs;
  if (added <= 0) return { problem: 'It has as many already' };
  const times = grown.value.runs / sweep.runs;
  const many = times > 2 ? `, ${amount(Math.round(times))} times as many as now` : '';
  const cost = sweepFlops(grown.value);
  return {
    words: `This adds ${runsWords(added)}, to ${amount(grown.value.runs)} in all${many}: ${flops(cost)} of work instead of ${flops(sweep.flops)}. They cannot be taken away again.`,
  };
}

function Confirm({ words, onYes, onNo }: { words: string; onYes: () => void; onNo: () => void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a dialog would cover what it asks about
    <div role="group" aria-label="Add these runs?" class="asking">
      <p role="status">{words}</p>
      <p class="actions">
        <button type="button" class="button button-main" onClick={onNo}>
          Leave it as it is
        </button>
        <button type="button" class="button" onClick={onYes}>
          Add them
        </button>
      </p>
    </div>
  );
}
