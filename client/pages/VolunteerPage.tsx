import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { SWEEP_ID } from '../../shared/limits.ts';
import type { Preference } from '../../shared/work.ts';
import { Announcer } from '../components/Announcer.tsx';
import { EngineChoice } from '../components/EngineChoice.tsx';
import { EventLog } from '../components/EventLog.tsx';
import { FinishedList } from '../components/FinishedList.tsx';
import { Trouble } from '../components/Trouble.tsx';
import { forgetConsent } from '../identity.ts';
import type { Session } from '../session.ts';
import { SessionContext } from '../session-here.ts';
import type { SessionState } from '../session-state.ts';
import { lending } from '../words/lending.ts';
import { useIdentity } from './use-identity.ts';
import { useKeptFocus } from './use-kept-focus.ts';
import { useTitle } from './use-title.ts';
import { Before } from './volunteer/Before.tsx';
import { During } from './volunteer/During.tsx';
import { KeysDialog } from './volunteer/KeysDialog.tsx';
import { Situation } from './volunteer/Situation.tsx';
import { useControlKeys } from './volunteer/use-control-keys.ts';
import { useKeptBusy } from './volunteer/use-kept-busy.ts';
import { Withdrawn } from './volunteer/Withdrawn.tsx';

/** As long as a researcher's name may be. */
const NAME_MAX = 80;

/** Where a device is lent. Nothing starts before Start is pressed, on every visit anew. */
export default function VolunteerPage() {
  const say = lending().run;
  useTitle(say.title);
  const session = useContext(SessionContext) as Session;
  const state = session.state.value;
  const settings = session.settings.value;
  const isOff = state.status === 'off';
  const [wish, setWish] = useState(useLinkedWish());
  const identity = useIdentity();
  const [isWithdrawn, setWithdrawn] = useState(false);
  const [isShowingKeys, showKeys] = useState(false);
  const box = useKeptFocus<HTMLFormElement>(
    isOff ? `off ${state.elsewhere}` : state.isInHand ? 'in hand' : 'on',
  );
  useControlKeys(session, () => showKeys(true));
  useKeptBusy(state.busy, Math.round(100 * state.duty));
  const withdraw = () => {
    session.stop();
    forgetConsent();
    setWithdrawn(true);
  };
  const common = { session, state, settings, box, wish, onWish: setWish, onWithdraw: withdraw };
  return (
    <>
      <div class="page-head">
        <h1>{say.title}</h1>
      </div>
      {state.problem && <Problem state={state} words={state.problem} />}
      {isWithdrawn && isOff && <Withdrawn identity={identity} />}
      <Situation state={state} />
      {isOff ? (
        <Before
          {...common}
          identity={identity}
          onShowKeys={() => showKeys(true)}
          onStart={() => setWithdrawn(false)}
        />
      ) : (
        <During {...common} onShowKeys={() => showKeys(true)} />
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
      <Announcer line={state.log[0] ?? null} />
      <KeysDialog
        isOpen={isShowingKeys}
        isOn={settings.shortcuts}
        onSwitch={(shortcuts) => session.change({ shortcuts })}
        onClose={() => showKeys(false)}
      />
    </>
  );
}

/** What went wrong, brought into view: Start may be far below it. */
function Problem({ state, words }: { state: SessionState; words: string }) {
  const box = useRef<HTMLDivElement>(null);
  const hasEnded = state.status === 'off';
  useEffect(() => {
    if (hasEnded) box.current?.scrollIntoView({ block: 'nearest' });
  }, [words, hasEnded]);
  return (
    <div ref={box} class="notice notice-failure" role="alert">
      <Trouble words={words} code={state.problemCode} kind={state.problemKind} hasEnded={hasEnded} />
    </div>
  );
}

/** What the address asks for. A link may hold anything: what is no sweep's id, and no name, is no wish. */
function useLinkedWish(): Preference | null {
  const { sweep, researcher } = useLocation().query;
  if (sweep !== undefined && SWEEP_ID.test(sweep)) return { sweepId: sweep, researcher: null };
  return researcher && researcher.length <= NAME_MAX ? { sweepId: null, researcher } : null;
}
