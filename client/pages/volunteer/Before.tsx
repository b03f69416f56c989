import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import type { SweepSummary } from '../../../shared/protocol.ts';
import type { Preference } from '../../../shared/work.ts';
import { getSweeps } from '../../api.ts';
import { Advice } from '../../components/Advice.tsx';
import { Consent } from '../../components/Consent.tsx';
import { consentedAt, type Identity } from '../../identity.ts';
import type { Session } from '../../session.ts';
import type { SessionState } from '../../session-state.ts';
import type { Settings } from '../../volunteer/settings.ts';
import { lending } from '../../words/lending.ts';
import { useFetched } from '../use-fetched.ts';
import { useKeptHere } from '../use-kept-here.ts';
import { Cause } from './Cause.tsx';
import { DutySlider } from './DutySlider.tsx';
import { KeptWork } from './KeptWork.tsx';
import { LiveRun } from './LiveRun.tsx';
import { lastBusy } from './last-busy.ts';
import { PastRun } from './PastRun.tsx';
import { SettingsHere } from './SettingsHere.tsx';
import { Elsewhere } from './Situation.tsx';
import { loadWords, sentWords } from './terms.ts';
import { useAdvice } from './use-advice.ts';

export interface PartProps {
  session: Session;
  state: SessionState;
  settings: Settings;
  /** Surrounds the controls. */
  box: RefObject<HTMLFormElement | null>;
  /** What the link asked to work for, for this visit; null where it asked for nothing. */
  wish: Preference | null;
  onWish: (wish: Preference | null) => void;
  onWithdraw: () => void;
  onShowKeys: () => void;
}

interface BeforeProps extends PartProps {
  identity: Identity | null;
  onStart: () => void;
}

/** What there is to read and to choose before training starts. */
export function Before(props: BeforeProps) {
  const { state, identity } = props;
  const sweeps = useFetched('sweeps', getSweeps).value?.sweeps ?? null;
  const kept = useKeptHere(identity);
  const advice = useAdvice();
  const titleOf = (id: string) => sweeps?.find((sweep) => sweep.id === id)?.title;
  const hasRun = state.group !== null && state.points.length > 0;
  const about = advice && <Advice advice={advice} choice={state.engine?.choice ?? null} />;
  const isUnable = advice?.can === 'nothing';
  return (
    <>
      {kept && !state.elsewhere && <KeptWork {...kept} titleOf={titleOf} />}
      {isUnable && about}
      {!isUnable && (state.elsewhere ? <Elsewhere {...props} /> : <Agreement {...props} sweeps={sweeps} />)}
      {!isUnable && <SettingsHere {...props} />}
      {!isUnable && about}
      {hasRun ? (
        <section class="figure-card" aria-label={lending().run.lastRuns}>
          <LiveRun state={state} />
        </section>
      ) : (
        <PastRun />
      )}
    </>
  );
}

function Agreement({ sweeps, ...props }: BeforeProps & { sweeps: SweepSummary[] | null }) {
  const { session, state, settings, identity, wish, onWithdraw, onStart, box } = props;
  const [name, setName] = useState('');
  return (
    <Consent
      box={box}
      agreedAtMs={consentedAt()}
      identity={identity}
      name={name}
      onName={setName}
      isAgain={state.finished.length > 0}
      isUntouched={identity === null && state.log.length === 0}
      load={loadWords(settings, session.conditions.value.isOnBattery, {
        busy: lastBusy(),
        choice: state.engine?.choice ?? null,
      })}
      sent={sentWords()}
      onWithdraw={onWithdraw}
      onStart={() => {
        onStart();
        void session.start({ prefers: wish ?? settings.cause, name: name.trim() || null });
      }}
    >
      <DutySlider duty={settings.duty} busy={null} onChange={(duty) => session.change({ duty })} />
      <Cause {...props} sweeps={sweeps} />
    </Consent>
  );
}
