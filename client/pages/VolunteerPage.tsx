import type { RefObject } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { SWEEP_ID } from '../../shared/limits.ts';
import type { SweepSummary } from '../../shared/protocol.ts';
import type { Preference } from '../../shared/work.ts';
import { getSweeps } from '../api.ts';
import { Consent } from '../components/Consent.tsx';
import { EngineChoice } from '../components/EngineChoice.tsx';
import { EventLog } from '../components/EventLog.tsx';
import { FinishedList } from '../components/FinishedList.tsx';
import { Failure } from '../components/Notice.tsx';
import { PreferenceChoice } from '../components/PreferenceChoice.tsx';
import { RunControls } from '../components/RunControls.tsx';
import { consentedAt, forgetIdentity, type Identity, loadIdentity } from '../identity.ts';
import { type Session, SessionContext } from '../session.ts';
import type { SessionState } from '../session-state.ts';
import type { KeptHere } from '../volunteer/kept-here.ts';
import { useFetched } from './use-fetched.ts';
import { useKeptFocus } from './use-kept-focus.ts';
import { useTitle } from './use-title.ts';
import { useWishNote } from './use-wish-note.ts';
import { KeptWork } from './volunteer/KeptWork.tsx';
import { LiveRun } from './volunteer/LiveRun.tsx';

/** As long as a researcher's name may be. */
const NAME_MAX = 80;

const hasWork = ({ mode, finishedRuns, failedRuns, runs }: SweepSummary) =>
  mode === 'running' && finishedRuns + failedRuns < runs;

/** Where a device is lent. Nothing starts before Start is pressed, on every visit anew. */
export default function VolunteerPage() {
  useTitle('Lend this device');
  const session = useContext(SessionContext) as Session;
  const state = session.state.value;
  const isOff = state.status === 'off';
  const [prefers, setPrefers] = useState(usePreferred());
  const box = useKeptFocus<HTMLFormElement>(isOff ? 'off' : state.isInHand ? 'in hand' : 'on');
  return (
    <>
      <div class="page-head">
        <h1>Lend this device</h1>
      </div>
      {state.problem && <Failure words={state.problem} />}
      {isOff ? (
        <Before session={session} state={state} box={box} prefers={prefers} onPrefer={setPrefers} />
      ) : (
        <During session={session} state={state} box={box} />
      )}
      {state.finished.length > 0 && <FinishedList finished={state.finished} counts={state.counts} />}
      {state.engine && (
        <EngineChoice
          engine={state.engine}
          isMeasuring={!isOff && state.phase === 'choosing'}
          onMeasure={state.status === 'paused' ? null : session.measure}
        />
      )}
      {state.log.length > 0 && <EventLog log={state.log} />}
    </>
  );
}

interface PartProps {
  session: Session;
  state: SessionState;
  /** Surrounds the controls. */
  box: RefObject<HTMLFormElement | null>;
}

/** What the address asks for. A link may hold anything: what is no sweep's id, and no name, is no wish. */
function usePreferred(): Preference | null {
  const { sweep, researcher } = useLocation().query;
  if (sweep !== undefined && SWEEP_ID.test(sweep)) return { sweepId: sweep, researcher: null };
  return researcher && researcher.length <= NAME_MAX ? { sweepId: null, researcher } : null;
}

/** What an earlier visit, or training that was stopped, left on this device; null until that is known. */
function useKeptHere(identity: Identity | null): KeptHere | null {
  const [kept, setKept] = useState<KeptHere | null>(null);
  useEffect(() => {
    let isGone = false;
    setKept(null);
    if (identity)
      import('../volunteer/kept-here.ts')
        .then(({ keptHere }) => keptHere(identity.token))
        .then(
          (found) => !isGone && setKept(found),
          () => {},
        );
    return () => {
      isGone = true;
    };
  }, [identity?.token]);
  return kept;
}

interface BeforeProps extends PartProps {
  prefers: Preference | null;
  onPrefer: (prefers: Preference | null) => void;
}

function Before({ session, state, box, prefers, onPrefer }: BeforeProps) {
  const { value } = useFetched('sweeps', getSweeps);
  const open = value?.sweeps.filter(hasWork) ?? [];
  const note = useWishNote(prefers, value && open);
  const [identity, setIdentity] = useState(loadIdentity);
  const [name, setName] = useState('');
  const kept = useKeptHere(identity);
  const titleOf = (id: string) => value?.sweeps.find((sweep) => sweep.id === id)?.title;
  return (
    <>
      {kept && <KeptWork {...kept} titleOf={titleOf} />}
      <Consent
        box={box}
        agreedAtMs={consentedAt()}
        identity={identity}
        name={name}
        onName={setName}
        isAgain={state.finished.length > 0}
        onForget={() => {
          forgetIdentity();
          setIdentity(null);
        }}
        onStart={() => session.start({ prefers, name: name.trim() || null })}
      >
        {(open.length > 0 || prefers) && (
          <PreferenceChoice value={prefers} open={open} note={note} onChange={onPrefer} />
        )}
      </Consent>
      {state.group && state.points.length > 0 && (
        <section class="figure-card" aria-label="The last runs">
          <LiveRun state={state} />
        </section>
      )}
    </>
  );
}

function During({ session, state, box }: PartProps) {
  return (
    <section ref={box} class="figure-card" aria-label="The runs in hand">
      <LiveRun state={state} />
      <RunControls
        status={state.status}
        runs={state.isInHand ? (state.group?.runs.length ?? 0) : 0}
        onPause={session.pause}
        onResume={session.resume}
        onFinish={session.finish}
        onStop={session.stop}
      />
    </section>
  );
}
