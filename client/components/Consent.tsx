import type { ComponentChildren, RefObject } from 'preact';
import type { Identity } from '../identity.ts';
import { dayOf } from '../session-state.ts';

export interface ConsentProps {
  /** When consent was given on this device before; null when not. */
  agreedAtMs: number | null;
  identity: Identity | null;
  name: string;
  /** True when training was stopped during this visit. */
  isAgain: boolean;
  box: RefObject<HTMLFormElement | null>;
  onName: (name: string) => void;
  onForget: () => void;
  onStart: () => void;
  /** The choice of what to work for. */
  children: ComponentChildren;
}

const NAME_MAX = 40;

/** What will happen on this device, before it does. */
export function Consent({
  agreedAtMs,
  identity,
  name,
  isAgain,
  box,
  onName,
  onForget,
  onStart,
  children,
}: ConsentProps) {
  const start = (event: Event) => {
    event.preventDefault();
    onStart();
  };
  return (
    <form ref={box} class="figure-card consent" onSubmit={start} aria-label="Before training starts">
      <Terms />
      {children}
      {identity ? (
        <KnownAs identity={identity} onForget={onForget} />
      ) : (
        <NameField name={name} onName={onName} />
      )}
      <p class="actions">
        <button type="submit" class="button button-main">
          {isAgain ? 'Start again' : agreedAtMs === null ? 'Agree and start' : 'Start'}
        </button>
        <span class="small">
          {agreedAtMs === null
            ? 'Nothing has been started or sent.'
            : `You agreed on ${dayOf(agreedAtMs)}. Training still starts only when you press Start.`}
        </span>
      </p>
    </form>
  );
}

function Terms() {
  return (
    <dl class="terms">
      <div>
        <dt>What runs</dt>
        <dd>
          Small neural networks are trained in this tab, on the GPU or on the processor: a second of measuring
          tells which is faster. No code comes with a sweep.
        </dd>
      </div>
      <div>
        <dt>What you notice</dt>
        <dd>
          The faster one is busy, so the fan may spin and a battery drains faster. It goes on while this tab
          is in the background.
        </dd>
      </div>
      <div>
        <dt>What is sent</dt>
        <dd>
          Curves, timings, the name of the engine, and a random id. Of long runs the weights too, so that
          another device can go on from them. A display name, if you give one.
        </dd>
      </div>
      <div>
        <dt>What is kept here</dt>
        <dd>
          Finished runs, until the server has them, and every few seconds the state of the runs in hand: in
          this browser’s storage, nowhere else.
        </dd>
      </div>
      <div>
        <dt>What never happens</dt>
        <dd>
          No other file on this device is read. Nothing is mined. It never starts by itself: only where this
          page must be renewed while it trains does it go on, in the same tab.
        </dd>
      </div>
      <div>
        <dt>How it ends</dt>
        <dd>
          Pause or stop at any time, or close the tab. Come back soon and press Start, and this device goes on
          where it was; if you stay away, another one does.
        </dd>
      </div>
    </dl>
  );
}

function NameField({ name, onName }: Pick<ConsentProps, 'name' | 'onName'>) {
  return (
    <label class="field">
      Display name, public, optional
      <input
        type="text"
        maxLength={NAME_MAX}
        autocomplete="nickname"
        value={name}
        placeholder="anonymous"
        onInput={(event) => onName(event.currentTarget.value)}
      />
    </label>
  );
}

function KnownAs({ identity, onForget }: { identity: Identity; onForget: () => void }) {
  return (
    <p>
      This browser is known as <strong>{identity.name ?? 'an anonymous volunteer'}</strong>.{' '}
      <button type="button" class="link" onClick={onForget}>
        Forget it here
      </button>
    </p>
  );
}
