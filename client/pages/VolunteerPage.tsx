import type { RefObject } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { SWEEP_ID } from '../../shared/limits.ts';
import { Consent } from '../components/Consent.tsx';
import { EngineChoice } from '../components/EngineChoice.tsx';
import { EventLog } from '../components/EventLog.tsx';
import { FinishedList } from '../components/FinishedList.tsx';
import { Failure } from '../components/Notice.tsx';
import { RunControls } from '../components/RunControls.tsx';
import { consentedAt, forgetIdentity, loadIdentity } from '../identity.ts';
import { type Session, SessionContext } from '../session.ts';
import type { SessionState } from '../session-state.ts';
import { useKeptFocus } from './use-kept-focus.ts';
import { useTitle } from './use-title.ts';
import { LiveRun } from './volunteer/LiveRun.tsx';

/** Where a device is lent. Nothing starts before Start is pressed, on every visit anew. */
export default function VolunteerPage() {
  useTitle('Lend this device');
  const session = useContext(SessionContext) as Session;
  const state = session.state.value;
  const isOff = state.status === 'off';
  const box = useKeptFocus<HTMLFormElement>(isOff ? 'off' : state.isInHand ? 'in hand' : 'on');
  return (
    <>
      <div class="page-head">
        <h1>Lend this device</h1>
      </div>
      {state.problem && <Failure words={state.problem} />}
      {isOff ? (
        <Before session={session} state={state} box={box} />
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

function Before({ session, state, box }: PartProps) {
  const { sweep: wish } = useLocation().query;
  // A link may hold anything; what is no sweep's id is no wish.
  const sweep = wish !== undefined && SWEEP_ID.test(wish) ? wish : null;
  const [identity, setIdentity] = useState(loadIdentity);
  const [name, setName] = useState('');
  return (
    <>
      <Consent
        box={box}
        agreedAtMs={consentedAt()}
        identity={identity}
        prefers={sweep}
        name={name}
        onName={setName}
        isAgain={state.finished.length > 0}
        onForget={() => {
          forgetIdentity();
          setIdentity(null);
        }}
        onStart={() => session.start({ prefers: sweep, name: name.trim() || null })}
      />
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
