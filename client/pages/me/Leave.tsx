import { useState } from 'preact/hooks';
import { deleteMe, exportMe } from '../../api-me.ts';
import { ApiError } from '../../http.ts';
import { forgetIdentity, type Identity } from '../../identity.ts';
import type { KeptHere } from '../../volunteer/kept-here.ts';
import { belonging } from '../../words/belonging.ts';
import { Confirm } from './Confirm.tsx';
import { Lost } from './Lost.tsx';
import { Outcome } from './Outcome.tsx';
import { useAction } from './use-action.ts';
import { useTraining } from './use-training.ts';

interface LeaveProps {
  identity: Identity;
  kept: KeptHere | null;
  /** Called when this browser is nobody again, with what to say of it. */
  onGone: (words: string) => void;
}

/** Export, forget and delete. */
export function Leave({ identity, kept, onGone }: LeaveProps) {
  const say = belonging().me.leave;
  return (
    <section aria-labelledby="leave">
      <h2 id="leave">{say.title}</h2>
      <Export token={identity.token} />
      <Forget kept={kept} onGone={onGone} />
      <Delete identity={identity} kept={kept} onGone={onGone} />
    </section>
  );
}

function Export({ token }: { token: string }) {
  const action = useAction();
  const say = belonging().me.leave;
  const take = () =>
    action.act(async () => {
      const all = await exportMe(token);
      const url = URL.createObjectURL(new Blob([JSON.stringify(all, null, 2)], { type: 'application/json' }));
      const link = document.createElement('a');
      link.href = url;
      link.download = 'tabgrad-me.json';
      link.click();
      // After the download has begun.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      return say.exported;
    });
  return (
    <div class="stack">
      <p class="small">{say.exportHelp}</p>
      <p>
        <button type="button" class="button" aria-disabled={action.isBusy} onClick={take}>
          {say.export}
        </button>
      </p>
      <Outcome of={action} />
    </div>
  );
}

/** Makes this browser nobody: no training, no work kept, no identity. */
async function clearHere(stop: () => Promise<void>): Promise<void> {
  await stop();
  const { forgetWorkHere } = await import('../../volunteer/forget-here.ts');
  await forgetWorkHere();
  forgetIdentity();
}

/** Forgets who this browser was; the server is told nothing. Also where the server knows nothing any more. */
export function Forget({ kept, onGone }: Omit<LeaveProps, 'identity'>) {
  const [isAsking, setAsking] = useState(false);
  const { isTraining, stop } = useTraining();
  const action = useAction();
  const say = belonging().me.leave;
  const forget = () =>
    action.act(async () => {
      await clearHere(stop);
      onGone(say.forgotten);
      return null;
    });
  return (
    <div class="stack">
      <p>
        <button type="button" class="button" onClick={() => setAsking(true)}>
          {say.forget} …
        </button>
      </p>
      {isAsking && (
        <Confirm
          title={say.forget}
          yes={say.forgetYes}
          no={say.keep}
          isBusy={action.isBusy}
          onYes={forget}
          onNo={() => setAsking(false)}
        >
          <p>{say.forgetHelp}</p>
          <Lost kept={kept} isTraining={isTraining} />
          <Outcome of={action} />
        </Confirm>
      )}
    </div>
  );
}

function Delete({ identity, kept, onGone }: LeaveProps) {
  const [isAsking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const { isTraining, stop } = useTraining();
  const action = useAction();
  const say = belonging().me.leave;
  const remove = () =>
    action.act(async () => {
      await stop();
      await deleteMe(identity.token).catch((error) => {
        // Its reply was lost, or another device was first.
        if (!(error instanceof ApiError && error.code === 'unauthorized')) throw error;
      });
      await clearHere(async () => {});
      onGone(say.deleted);
      return null;
    });
  return (
    <div class="stack">
      <p>
        <button
          type="button"
          class="button button-danger"
          onClick={() => {
            setTyped('');
            setAsking(true);
          }}
        >
          {say.delete} …
        </button>
      </p>
      {isAsking && (
        <Confirm
          title={say.delete}
          yes={say.deleteYes}
          no={say.keep}
          isReady={typed.trim().toLowerCase() === say.deleteWord}
          isBusy={action.isBusy}
          onYes={remove}
          onNo={() => setAsking(false)}
        >
          <p>{say.deleteHelp}</p>
          <p>{say.deleteStays}</p>
          <Lost kept={kept} isTraining={isTraining} />
          <label class="field">
            {say.deleteType(say.deleteWord)}
            <input
              type="text"
              autocomplete="off"
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
          <Outcome of={action} />
        </Confirm>
      )}
    </div>
  );
}
