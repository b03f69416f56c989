import type { Identity } from '../../identity.ts';
import { lending } from '../../words/lending.ts';

/** What taking the consent back has done, and what more can be done. */
export function Withdrawn({ identity }: { identity: Identity | null }) {
  const say = lending().consent.withdrawn;
  return (
    <div class="notice" role="status">
      <h2>{say.title}</h2>
      <p>{say.words}</p>
      {identity && (
        <p>
          {say.identity} <a href="/me">{say.page}</a>
        </p>
      )}
    </div>
  );
}
