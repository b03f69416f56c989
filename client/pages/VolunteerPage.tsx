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
import { useTitle } from './use-title.ts';
import { LiveRun } from './volunteer/LiveRun.tsx';

/** Where a device is lent. Nothing starts before Start is pressed, on every visit anew. */
export default function VolunteerPage() {
  useTitle('Lend this device');
  const session = useContext(SessionContext) as Session;
  const state = session.state.value;
  return (
    <>
      <div class="page-head">
        <h1>Lend this device</h1>
      </div>
      {state.problem && <Failure words={state.problem} />}
      {state.status === 'off' ? (
        <Before session={session} state={state} />
      ) : (
        <During session={session} state={state} />
      )}
      {state.finished.length > 0 && <FinishedList finished={state.finished} counts={state.counts} />}
      {state.engine && (
        <EngineChoice
          engine={state.engine}
          isMeasuring={state.status !== 'off' && state.phase === 'choosing'}
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
}

function Before({ session, state }: PartProps) {
  const { sweep: wish } = useLocation().query;
  // A link may hold anything; what is no sweep's id is no wish.
  const sweep = wish !== undefined && SWEEP_ID.test(wish) ? wish : null;
  const [identity, setIdentity] = useState(loadIdentity);
  const [name, setName] = useState('');
  return (
    <>
      <Consent
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

function During({ session, state }: PartProps) {
  return (
    <section class="figure-card" aria-label="The runs in hand">
      <LiveRun state={state} />
      <RunControls
        status={state.status}
        runs={state.group?.runs.length ?? 1}
        onPause={session.pause}
        onResume={session.resume}
        onFinish={session.finish}
        onStop={session.stop}
      />
    </section>
  );
}
