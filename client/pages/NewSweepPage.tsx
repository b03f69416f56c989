import { useEffect, useMemo, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { getSweepPage, postSweep } from '../api.ts';
import { Failure, Loading } from '../components/Notice.tsx';
import { type EditorProblem, ProblemList, SpecEditor } from '../components/SpecEditor.tsx';
import { ApiError } from '../http.ts';
import { check, problemsOfRefusal, type Verdict } from './new-sweep/check.ts';
import { DEMO } from './new-sweep/demo.ts';
import { EstimateView } from './new-sweep/EstimateView.tsx';
import { specYaml } from './spec-yaml.ts';
import { keepToken, loadToken, TokenField } from './TokenField.tsx';
import { useFetched } from './use-fetched.ts';
import { useTitle } from './use-title.ts';

const DEBOUNCE_MS = 250;

/** Where a spec is written, checked while it is written, and posted. */
export default function NewSweepPage() {
  useTitle('Post a sweep');
  const { fork } = useLocation().query;
  const { value: start, error } = useFetched(`fork ${fork ?? ''}`, async (signal) =>
    fork ? specYaml((await getSweepPage(fork, 0, signal)).sweep.spec) : DEMO,
  );
  return (
    <>
      <div class="page-head">
        <h1>Post a sweep</h1>
        <p class="lead">
          A sweep is data: say what to train and which parameters to search, and every tab that joins trains a
          part of it. Specs cannot carry code.
        </p>
      </div>
      {error && !start && <Failure words={error.message} />}
      {start ? <Form key={fork ?? ''} start={start} /> : !error && <Loading what="the spec to start from" />}
    </>
  );
}

function Form({ start }: { start: string }) {
  const { route } = useLocation();
  const [text, setText] = useState(start);
  const verdict = useVerdict(text);
  const [refused, setRefused] = useState<{ words: string; problems: EditorProblem[] } | null>(null);
  const [isPosting, setPosting] = useState(false);
  const [token, setToken] = useState(loadToken);
  const [keep, setKeep] = useState(token !== '');
  const problems = verdict.ok ? (refused?.problems ?? []) : verdict.problems;
  const edit = (next: string) => {
    setText(next);
    setRefused(null);
  };
  const post = async (event: Event) => {
    event.preventDefault();
    if (!check(text).ok) return;
    setPosting(true);
    keepToken(keep ? token.trim() : null);
    try {
      route(`/sweeps/${(await postSweep(text, token.trim())).id}`);
    } catch (e) {
      const error = e instanceof ApiError ? e : new ApiError(String(e));
      setRefused({ words: error.message, problems: problemsOfRefusal(error) });
      setPosting(false);
    }
  };
  return (
    <form class="new-sweep" onSubmit={post}>
      <SpecEditor text={text} problems={problems} onChange={edit} />
      <div class="new-sweep-side">
        <div id="spec-verdict" aria-live="polite">
          {verdict.ok && !refused && <EstimateView sweep={verdict.sweep} />}
          {!verdict.ok && (
            <h2>{verdict.problems.length === 1 ? 'One thing to put right' : 'Things to put right'}</h2>
          )}
          {problems.length > 0 && <ProblemList problems={problems} />}
          {refused && <Failure words={refused.words} />}
        </div>
        <TokenField token={token} keep={keep} onToken={setToken} onKeep={setKeep}>
          A local server prints how to get one when it starts. It is sent with this sweep and to nobody else.
        </TokenField>
        <button
          type="submit"
          class="button button-main"
          disabled={!verdict.ok || isPosting || token.trim() === ''}
        >
          {isPosting ? 'Posting …' : 'Post the sweep'}
        </button>
      </div>
    </form>
  );
}

/** The verdict on a text, a moment after it was last changed. */
function useVerdict(text: string): Verdict {
  const first = useMemo(() => check(text), []);
  const [verdict, setVerdict] = useState(first);
  useEffect(() => {
    const timer = setTimeout(() => setVerdict(check(text)), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return verdict;
}
