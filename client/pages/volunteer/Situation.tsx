import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { momentOf, runsWords } from '../../format.ts';
import type { SessionState } from '../../session-state.ts';
import type { Rest } from '../../volunteer/settings.ts';
import { words } from '../../words/index.ts';
import { lending } from '../../words/lending.ts';
import { useOnline } from '../use-online.ts';
import type { PartProps } from './Before.tsx';
import { hourWords } from './hours.ts';
import { isKeeping } from './keeps.ts';

/** What surrounds the training and is not as usual: each said with what it means here. */
export function Situation({ state }: { state: SessionState }) {
  const isOnline = useOnline();
  const { before, notKept, offline } = lending().run;
  const { offline: isTraining, offlineIdle } = words().install;
  const isOff = state.status === 'off';
  const waiting = state.finished.filter(({ verdict }) => verdict === 'queued').length;
  return (
    <>
      {state.status === 'paused' && state.pausedBefore && (
        <Said title={before.title}>{before.since(momentOf(state.pausedBefore.atMs))}</Said>
      )}
      {!isOnline && (
        <Said title={offline.title}>
          {isOff ? offlineIdle : isTraining}{' '}
          {waiting > 0 && offline.waiting(runsWords(waiting), waiting === 1)}
        </Said>
      )}
      {!isKeeping() && <Said title={notKept.title}>{notKept.words}</Said>}
    </>
  );
}

function Said({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="notice notice-small">
      <h2>{title}</h2>
      <p>{children}</p>
    </div>
  );
}

/** "Resting until 22:00, as your hours say." */
export function restWords(rest: Rest): string {
  const say = lending().run.rest;
  return rest.why === 'hours' ? say.hours(hourWords(rest.until)) : say[rest.why];
}

/** Another tab trains: this one says so, and can take over. */
export function Elsewhere({ session, box, wish }: Pick<PartProps, 'session' | 'box' | 'wish'>) {
  const [isTaking, setTaking] = useState(false);
  const say = lending().run.elsewhere;
  const take = () => {
    setTaking(true);
    session.takeOver(wish).finally(() => setTaking(false));
  };
  return (
    <section class="notice" ref={box} aria-labelledby="elsewhere">
      <h2 id="elsewhere">{say.title}</h2>
      <p>{say.words}</p>
      <p class="actions">
        <button
          type="button"
          class="button button-main"
          onClick={() => !isTaking && take()}
          aria-disabled={isTaking}
        >
          {isTaking ? say.taking : say.here}
        </button>
      </p>
    </section>
  );
}
