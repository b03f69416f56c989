import { useRef, useState } from 'preact/hooks';
import { LIMITS } from '../../../shared/limits.ts';
import type { MeReply } from '../../../shared/volunteers.ts';
import { patchMe } from '../../api-me.ts';
import { Digest, Facts } from '../../components/Facts.tsx';
import { dayOf } from '../../format.ts';
import { isIdentityKept } from '../../identity.ts';
import { belonging } from '../../words/belonging.ts';
import { nameOf } from './names.ts';
import { Outcome } from './Outcome.tsx';
import { useAction } from './use-action.ts';

export interface PartProps {
  me: MeReply;
  token: string;
  onChange: (me: MeReply) => void;
}

/** Name, and whether the boards may tell it. */
export function Who({ me, token, onChange }: PartProps) {
  const say = belonging().me.who;
  return (
    <section aria-labelledby="who">
      <h2 id="who">{say.title}</h2>
      {!isIdentityKept() && <p class="notice">{belonging().me.unkept}</p>}
      <Facts
        facts={[
          [say.called, <strong>{nameOf(me)}</strong>],
          [say.since, dayOf(me.createdAtMs)],
          [say.number, <Digest hex={me.volunteerId} />],
        ]}
      />
      <NameForm me={me} token={token} onChange={onChange} />
      <Listing me={me} token={token} onChange={onChange} />
    </section>
  );
}

function NameForm({ me, token, onChange }: PartProps) {
  const [name, setName] = useState(me.name ?? '');
  const field = useRef<HTMLInputElement>(null);
  const action = useAction();
  const say = belonging().me.who;
  const keep = (wanted: string | null) =>
    action.act(async () => {
      onChange(await patchMe({ name: wanted }, token));
      setName(wanted ?? '');
      return wanted === null ? say.cleared : say.saved;
    });
  const trimmed = name.trim();
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (trimmed !== (me.name ?? '')) void keep(trimmed || null);
      }}
    >
      <label class="field">
        {say.name}
        <input
          ref={field}
          type="text"
          value={name}
          maxLength={LIMITS.nameMax}
          autocomplete="nickname"
          aria-describedby="name-help"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <p class="small" id="name-help">
        {say.nameHelp}
      </p>
      <p class="actions">
        <button type="submit" class="button" aria-disabled={action.isBusy || trimmed === (me.name ?? '')}>
          {say.save}
        </button>
        {me.name !== null && (
          <button
            type="button"
            class="button button-quiet"
            aria-disabled={action.isBusy}
            onClick={() => {
              field.current?.focus();
              void keep(null);
            }}
          >
            {say.clear}
          </button>
        )}
      </p>
      <Outcome of={action} />
    </form>
  );
}

function Listing({ me, token, onChange }: PartProps) {
  const action = useAction();
  const say = belonging().me.who;
  const list = (isListed: boolean) =>
    action.act(async () => {
      onChange(await patchMe({ isListed }, token));
      return isListed ? say.isListed : say.isUnlisted;
    });
  return (
    <div class="stack">
      <label class="check">
        <input
          type="checkbox"
          checked={me.isListed}
          aria-describedby="listed-help"
          onChange={(event) => {
            // It shows what the server has, once that has answered.
            event.currentTarget.checked = me.isListed;
            void list(!me.isListed);
          }}
        />
        {say.listed}
      </label>
      <p class="small" id="listed-help">
        {say.listedHelp(me.volunteerId.slice(0, 4))} <a href="/boards">{say.boards}</a>
      </p>
      <Outcome of={action} />
    </div>
  );
}
