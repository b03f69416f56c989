import { useState } from 'preact/hooks';
import type { MeReply } from '../../../shared/volunteers.ts';
import { joinTeam } from '../../api-me.ts';
import { ApiError } from '../../http.ts';
import { identify } from '../../identity.ts';
import { belonging } from '../../words/belonging.ts';
import { useIdentity } from '../use-identity.ts';
import { useMe } from '../use-me.ts';
import { useTitle } from '../use-title.ts';
import { isWhole, useFragment } from './fragment.ts';
import { Outcome } from './Outcome.tsx';
import { useAction } from './use-action.ts';
import { useFocusOn } from './use-focus-on.ts';

/** Where an invitation leads: it says what joining means, and joins on a press. */
export function JoinTeam() {
  const say = belonging().teams.join;
  useTitle(say.title);
  const [invite, putAway] = useFragment('');
  const [joined, setJoined] = useState<MeReply['team']>(null);
  const status = useFocusOn<HTMLParagraphElement>(joined?.id ?? null);
  return (
    <>
      <div class="page-head">
        <h1>{say.title}</h1>
      </div>
      <p ref={status} tabIndex={-1} role="status" class={joined ? 'picked' : 'visually-hidden'}>
        {joined && say.joined(joined.name)}
      </p>
      {joined ? (
        <p class="actions">
          <a class="button button-main" href={`/teams/${joined.id}`}>
            {say.show}
          </a>
          <a class="button" href="/run">
            {say.start}
          </a>
        </p>
      ) : invite !== null && isWhole(invite) ? (
        <Invitation
          invite={invite}
          onJoined={(team) => {
            putAway();
            setJoined(team);
          }}
        />
      ) : (
        <p role="alert">{say.broken}</p>
      )}
    </>
  );
}

function Invitation({ invite, onJoined }: { invite: string; onJoined: (team: MeReply['team']) => void }) {
  const say = belonging().teams.join;
  const identity = useIdentity();
  const { value: me } = useMe(identity);
  const action = useAction();
  const join = () =>
    action.act(async () => {
      const { token } = await identify(null);
      try {
        onJoined((await joinTeam(invite, token)).team);
        return null;
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) throw new Error(say.unknown);
        throw error;
      }
    });
  return (
    <section class="notice" aria-label={say.title}>
      <p>{say.invited}</p>
      {!identity && <p>{say.fresh}</p>}
      {me?.team && <p>{say.leaves(me.team.name)}</p>}
      <p class="actions">
        <button type="button" class="button button-main" aria-disabled={action.isBusy} onClick={join}>
          {say.yes}
        </button>
        {!identity && <a href="/privacy">{belonging().me.nobody.privacy}</a>}
      </p>
      <Outcome of={action} />
    </section>
  );
}
