import { ApiError } from '../../http.ts';
import { belonging } from '../../words/belonging.ts';
import { type Action, failureOf } from './use-action.ts';

/** What came of something the reader did, read out when it is there. */
export function Outcome({ of: { said, failure } }: { of: Pick<Action, 'said' | 'failure'> }) {
  return (
    <>
      <p class="small" role="status">
        {said}
      </p>
      {failure && (
        <p class="problem-words" role="alert" lang={failure.lang}>
          {failure.words}
        </p>
      )}
    </>
  );
}

/** Why a page has nothing to show, with the way to ask again. */
export function Unfetched({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { words, lang } = failureOf(error);
  const isPassing = error instanceof ApiError && error.isPassing;
  return (
    <div class="notice notice-failure" role="alert">
      <p lang={lang}>{words}</p>
      {isPassing && (
        <p>
          <button type="button" class="button" onClick={onRetry}>
            {belonging().me.retry}
          </button>
        </p>
      )}
    </div>
  );
}

/** While something is on its way. */
export const Wait = ({ words }: { words: string }) => (
  <p class="loading" role="status">
    {words}
  </p>
);
