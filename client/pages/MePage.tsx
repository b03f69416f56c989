import { useEffect, useState } from 'preact/hooks';
import type { MeReply } from '../../shared/volunteers.ts';
import { type Identity, renameIdentity } from '../identity.ts';
import { belonging } from '../words/belonging.ts';
import { Badges } from './me/Badges.tsx';
import { useFragment } from './me/fragment.ts';
import { Forget, Leave } from './me/Leave.tsx';
import { Move } from './me/Move.tsx';
import { Unfetched, Wait } from './me/Outcome.tsx';
import { Pending } from './me/Pending.tsx';
import { Receive } from './me/Receive.tsx';
import { Refused } from './me/Refused.tsx';
import { Team } from './me/Team.tsx';
import { useFocusOn } from './me/use-focus-on.ts';
import { SWEEPS_SHOWN, useRunsOf } from './me/use-parts.ts';
import { useTraining } from './me/use-training.ts';
import { Who } from './me/Who.tsx';
import { Work } from './me/Work.tsx';
import { useIdentity } from './use-identity.ts';
import { useKeptHere } from './use-kept-here.ts';
import { useMe } from './use-me.ts';
import { useTitle } from './use-title.ts';

/** Who this browser is and what became of its work. Looking makes nobody. */
export default function MePage() {
  const say = belonging().me;
  useTitle(say.title);
  const identity = useIdentity();
  const [code, putAway] = useFragment('move=');
  const [said, setSaid] = useState('');
  const status = useFocusOn<HTMLParagraphElement>(said);
  return (
    <>
      <div class="page-head">
        <h1>{say.title}</h1>
        <p class="lead">{say.lead}</p>
      </div>
      <p ref={status} tabIndex={-1} role="status" class={said ? 'picked' : 'visually-hidden'}>
        {said}
      </p>
      {code !== null && (
        <Receive
          key={code}
          code={code}
          identity={identity}
          onPutAway={putAway}
          onDone={(words) => {
            putAway();
            setSaid(words);
          }}
        />
      )}
      {identity ? (
        <Somebody key={identity.token} identity={identity} onGone={setSaid} />
      ) : (
        code === null && <Nobody />
      )}
    </>
  );
}

function Nobody() {
  const { nobody } = belonging().me;
  return (
    <section class="notice" aria-labelledby="nobody">
      <h2 id="nobody">{nobody.title}</h2>
      <p>{nobody.words}</p>
      <p>
        <a class="button button-main" href="/run">
          {nobody.start}
        </a>
      </p>
      <p class="small">{nobody.elsewhere}</p>
      <p class="small">
        <a href="/privacy">{nobody.privacy}</a>
      </p>
    </section>
  );
}

function Somebody({ identity, onGone }: { identity: Identity; onGone: (words: string) => void }) {
  const say = belonging().me;
  const { value, error, refresh } = useMe(identity);
  const [changed, setChanged] = useState<MeReply | null>(null);
  const kept = useKeptHere(identity);
  const me = changed ?? value;
  useEffect(() => {
    if (me) renameIdentity(me.volunteerId, me.name);
  }, [me?.name]);
  if (me) return <Mine me={me} identity={identity} kept={kept} onChange={setChanged} onGone={onGone} />;
  if (!error) return <Wait words={say.loading} />;
  if (error.code !== 'unauthorized') return <Unfetched error={error} onRetry={refresh} />;
  return (
    <section class="notice">
      <p role="alert">{say.unknown.words}</p>
      <Forget kept={kept} onGone={onGone} />
    </section>
  );
}

interface MineProps {
  me: MeReply;
  identity: Identity;
  kept: ReturnType<typeof useKeptHere>;
  onChange: (me: MeReply) => void;
  onGone: (words: string) => void;
}

function Mine({ me, identity, kept, onChange, onGone }: MineProps) {
  const { token } = identity;
  const [count, setCount] = useState(SWEEPS_SHOWN);
  const shown = me.sweeps.slice(0, count);
  const runs = useRunsOf(shown, token);
  const { isTraining } = useTraining();
  return (
    <>
      <Who me={me} token={token} onChange={onChange} />
      <Work me={me} shown={shown} runs={runs} onMore={() => setCount(count + SWEEPS_SHOWN)} />
      <Pending kept={kept} isTraining={isTraining} sweeps={shown} runs={runs} />
      <Refused me={me} />
      <Badges me={me} />
      <Team me={me} token={token} onChange={onChange} />
      <Move token={token} />
      <Leave identity={identity} kept={kept} onGone={onGone} />
    </>
  );
}
