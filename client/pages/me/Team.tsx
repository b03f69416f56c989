import { useState } from 'preact/hooks';
import { LIMITS } from '../../../shared/limits.ts';
import { foundTeam, leaveTeam } from '../../api-me.ts';
import { belonging } from '../../words/belonging.ts';
import { Confirm } from './Confirm.tsx';
import { Copyable } from './Copyable.tsx';
import { Outcome } from './Outcome.tsx';
import { useAction } from './use-action.ts';
import { useFocusOn } from './use-focus-on.ts';
import type { PartProps } from './Who.tsx';

/** The team of a volunteer, or the way to found one. */
export function Team({ me, token, onChange }: PartProps) {
  const action = useAction();
  // What was pressed is gone when the team has changed.
  const heading = useFocusOn<HTMLHeadingElement>(me.team?.id ?? null);
  const say = belonging().me.team;
  const found = (name: string) =>
    action.act(async () => {
      onChange(await foundTeam(name, token));
      return say.founded;
    });
  const leave = () =>
    action.act(async () => {
      onChange(await leaveTeam(token));
      return say.left;
    });
  return (
    <section aria-labelledby="team">
      <h2 id="team" ref={heading} tabIndex={-1}>
        {say.title}
      </h2>
      {me.team ? (
        <Member key={me.team.id} team={me.team} isBusy={action.isBusy} onLeave={leave} />
      ) : (
        <Founding isBusy={action.isBusy} onFound={found} />
      )}
      <Outcome of={action} />
    </section>
  );
}

interface MemberProps {
  team: NonNullable<PartProps['me']['team']>;
  isBusy: boolean;
  onLeave: () => void;
}

function Member({ team, isBusy, onLeave }: MemberProps) {
  const [isAsking, setAsking] = useState(false);
  const say = belonging().me.team;
  return (
    <>
      <p>
        {say.member} <a href={`/teams/${team.id}`}>{team.name}</a>.
      </p>
      <Copyable
        label={say.invite}
        text={`${location.origin}/teams/join#${team.invite}`}
        help={say.inviteHelp}
      />
      <p>
        <button type="button" class="button" onClick={() => setAsking(true)}>
          {say.leave}
        </button>
      </p>
      {isAsking && (
        <Confirm
          title={say.leave}
          yes={say.leaveYes}
          no={say.stay}
          isBusy={isBusy}
          onNo={() => setAsking(false)}
          onYes={() => {
            setAsking(false);
            onLeave();
          }}
        >
          <p>{say.leaveAsk}</p>
        </Confirm>
      )}
    </>
  );
}

function Founding({ isBusy, onFound }: { isBusy: boolean; onFound: (name: string) => void }) {
  const [name, setName] = useState('');
  const say = belonging().me.team;
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) onFound(name.trim());
      }}
    >
      <p>{say.none}</p>
      <label class="field">
        {say.name}
        <input
          type="text"
          required
          value={name}
          maxLength={LIMITS.nameMax}
          aria-describedby="found-help"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <p class="small" id="found-help">
        {say.foundHelp}
      </p>
      <p>
        <button type="submit" class="button" aria-disabled={isBusy || name.trim() === ''}>
          {say.found}
        </button>
      </p>
    </form>
  );
}
