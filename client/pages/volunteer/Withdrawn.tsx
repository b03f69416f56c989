import type { Identity } from '../../identity.ts';
import { lending } from '../../words/lending.ts';

interface WithdrawnProps {
  identity: Identity | null;
  onForget: () => void;
}

/** What taking the consent back has done, and what more can be done. */
export function Withdrawn({ identity, onForget }: WithdrawnProps) {
  const say = lending().consent.withdrawn;
  return (
    <div class="notice" role="status">
      <h2>{say.title}</h2>
      <p>{say.words}</p>
      {identity && (
        <>
          <p>{say.identity}</p>
          <p class="actions">
            <button type="button" class="link" onClick={onForget}>
              {say.forget}
            </button>
            <a href="/me">{say.delete}</a>
          </p>
        </>
      )}
    </div>
  );
}
