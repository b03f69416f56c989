import { useRef, useState } from 'preact/hooks';
import type { SweepReply } from '../../../shared/protocol.ts';
import { patchSweep } from '../../api.ts';
import { Failure } from '../../components/Notice.tsx';
import { ApiError, type FieldProblem } from '../../http.ts';
import { keepToken, loadToken, TokenField } from '../TokenField.tsx';
import { GrowForm } from './GrowForm.tsx';
import { ModeForm } from './ModeForm.tsx';
import { PriorityForm } from './PriorityForm.tsx';
import { type Change, problemOf, strayProblems } from './sweep-change.ts';

type Answer = { done: string } | { refused: string; problems: readonly FieldProblem[] };

interface ResearcherPanelProps {
  sweep: SweepReply['sweep'];
  onChanged: () => void;
}

/** What the researcher of a sweep may change while volunteers work. */
export function ResearcherPanel({ sweep, onChanged }: ResearcherPanelProps) {
  const box = useRef<HTMLDetailsElement>(null);
  const [token, setToken] = useState(loadToken);
  const [keep, setKeep] = useState(token !== '');
  const [answer, setAnswer] = useState<Answer | null>(null);
  const change: Change = async (wanted, done) => {
    if (token.trim() === '') {
      setAnswer({ refused: 'Give your researcher token first.', problems: [] });
      box.current?.querySelector<HTMLInputElement>('input[type=password]')?.focus();
      return;
    }
    keepToken(keep ? token.trim() : null);
    setAnswer(null);
    try {
      await patchSweep(sweep.id, wanted, token.trim());
      setAnswer({ done });
      onChanged();
    } catch (e) {
      const error = e instanceof ApiError ? e : new ApiError(String(e));
      setAnswer({ refused: error.message, problems: error.problems });
    }
  };
  const problems = answer && 'problems' in answer ? answer.problems : [];
  return (
    <details ref={box} class="notice researcher">
      <summary>For its researcher: pause, cancel, priority, more runs, another try</summary>
      <div class="researcher-body">
        <TokenField token={token} keep={keep} onToken={setToken} onKeep={setKeep}>
          The token that this sweep was posted with. It is sent to this server when you press a button here,
          and to nobody else.
        </TokenField>
        <div role="status">{answer && 'done' in answer && <p>{answer.done}</p>}</div>
        {answer && 'refused' in answer && (
          <Failure words={answer.refused}>
            <Stray problems={problems} />
          </Failure>
        )}
        <ModeForm mode={sweep.mode} failedRuns={sweep.failedRuns} onChange={change} />
        {sweep.mode !== 'cancelled' && (
          <>
            <PriorityForm
              priority={sweep.priority}
              problem={problemOf(problems, 'priority')}
              onChange={change}
            />
            <GrowForm sweep={sweep} problems={problems} onEdit={() => setAnswer(null)} onChange={change} />
          </>
        )}
      </div>
    </details>
  );
}

function Stray({ problems }: { problems: readonly FieldProblem[] }) {
  const words = strayProblems(problems);
  if (words.length === 0) return null;
  return (
    <ul class="problems">
      {words.map((one) => (
        <li key={one}>{one}</li>
      ))}
    </ul>
  );
}
