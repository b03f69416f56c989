import { getSweeps } from '../../api.ts';
import { RunControls } from '../../components/RunControls.tsx';
import { lending } from '../../words/lending.ts';
import { useFetched } from '../use-fetched.ts';
import type { PartProps } from './Before.tsx';
import { Cause } from './Cause.tsx';
import { DutySlider } from './DutySlider.tsx';
import { LiveRun } from './LiveRun.tsx';
import { PastRun } from './PastRun.tsx';
import { SettingsHere } from './SettingsHere.tsx';
import { restWords } from './Situation.tsx';

/** The controls while training is on, and what is trained. */
export function During(props: PartProps) {
  const { session, state, settings, box, onWithdraw } = props;
  const { value } = useFetched('sweeps', getSweeps);
  const say = lending();
  return (
    <>
      <section ref={box} class="figure-card run-controls" aria-label={say.run.controls}>
        <p class="resting" role="status">
          {state.rest && state.status !== 'paused' && restWords(state.rest)}
        </p>
        <RunControls
          status={state.status}
          runs={state.isInHand ? (state.group?.runs.length ?? 0) : 0}
          hasKeys={settings.shortcuts}
          onPause={session.pause}
          onResume={session.resume}
          onFinish={session.finish}
          onStop={session.stop}
        />
        <DutySlider duty={settings.duty} busy={state.busy} onChange={(duty) => session.change({ duty })} />
        <p class="small">
          <button type="button" class="link" onClick={onWithdraw}>
            {say.consent.withdraw}
          </button>{' '}
          {say.consent.withdrawHow}
        </p>
      </section>
      {state.group || state.status !== 'paused' ? (
        <section class="figure-card" aria-label={say.run.inHand}>
          <LiveRun state={state} />
        </section>
      ) : (
        <PastRun />
      )}
      <SettingsHere {...props}>
        <div class="setting">
          <Cause {...props} sweeps={value?.sweeps ?? null} />
          <p class="small">{say.settings.cause.later}</p>
        </div>
      </SettingsHere>
    </>
  );
}
