import { redeemMove } from '../../api-me.ts';
import { ApiError } from '../../http.ts';
import { type Identity, moveIn } from '../../identity.ts';
import { belonging } from '../../words/belonging.ts';
import { useKeptHere } from '../use-kept-here.ts';
import { isWhole } from './fragment.ts';
import { Lost } from './Lost.tsx';
import { nameOf } from './names.ts';
import { Outcome } from './Outcome.tsx';
import { useAction } from './use-action.ts';
import { useTraining } from './use-training.ts';

interface ReceiveProps {
  code: string;
  /** Who this browser is already; null: nobody. */
  identity: Identity | null;
  onPutAway: () => void;
  /** Called when this browser is the volunteer the link came from, with what to say of it. */
  onDone: (words: string) => void;
}

/** A link from another device was opened here: nothing happens before it is said what would, and a button is pressed. */
export function Receive({ code, identity, onPutAway, onDone }: ReceiveProps) {
  const kept = useKeptHere(identity);
  const { isTraining, stop } = useTraining();
  const action = useAction();
  const say = belonging().me.receive;
  const yes = () =>
    action.act(async () => {
      await stop();
      try {
        const reply = await redeemMove(code);
        const isSame = identity?.volunteerId === reply.volunteerId;
        if (identity && !isSame) {
          const { forgetWorkHere } = await import('../../volunteer/forget-here.ts');
          await forgetWorkHere();
        }
        const now = isSame ? identity : moveIn(reply);
        onDone((isSame ? say.same : say.done)(nameOf(now)));
        return null;
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) throw new Error(say.used);
        throw error;
      }
    });
  return (
    <section class="notice" aria-labelledby="receive">
      <h2 id="receive">{say.title}</h2>
      {isWhole(code) ? (
        <>
          <p>{identity ? say.replace(nameOf(identity)) : say.fresh}</p>
          {identity && <p>{say.becomes(nameOf(identity))}</p>}
          {identity && <Lost kept={kept} isTraining={isTraining} />}
          <p class="actions">
            <button type="button" class="button button-main" aria-disabled={action.isBusy} onClick={yes}>
              {identity ? say.yesReplace : say.yes}
            </button>
            <button type="button" class="button" onClick={onPutAway}>
              {identity ? say.no : say.ignore}
            </button>
          </p>
        </>
      ) : (
        <>
          <p role="alert">{say.broken}</p>
          <p>
            <button type="button" class="button" onClick={onPutAway}>
              {say.close}
            </button>
          </p>
        </>
      )}
      <Outcome of={action} />
    </section>
  );
}
