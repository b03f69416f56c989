import type { RefObject } from 'preact';
import type { Identity } from '../identity.ts';
import { dayOf } from '../session-state.ts';

export interface ConsentProps {
  /** When consent was given on this device before; null when not. */
  agreedAtMs: number | null;
  identity: Identity | null;
  /** The sweep asked for in the address. */
  prefers: string | null;
  name: string;
  /** True when training was stopped during this visit. */
  isAgain: boolean;
  box: RefObject<HTMLFormElement | null>;
  onName: (name: string) => void;
  onForget: () => void;
  onStart: () => void;
}

const NAME_MAX = 40;

/** What will happen on this device, before it does. */
export function Consent({
  agreedAtMs,
  identity,
  prefers,
  name,
  isAgain,
  box,
  onName,
  onForget,
  onStart,
}: ConsentProps) {
  const start = (event: Event) => {
    event.preventDefault();
    onStart();
  };
  return (
    <form ref={box} class="figure-card consent" onSubmit={start} aria-label="Before training starts">
      <Terms />
      {prefers && (
        <p>
          Runs of the sweep <a href={`/sweeps/${prefers}`}>{prefers}</a> come first; when it has none free,
          others do.
        </p>
      )}
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
        <dd>Curves, timings, the name of the engine, and a random id. A display name, if you give one.</dd>
      </div>
      <div>
        <dt>What never happens</dt>
        <dd>No file on this device is read. Nothing is mined. It never starts by itself.</dd>
      </div>
      <div>
        <dt>How it ends</dt>
        <dd>Pause or stop at any time, or close the tab: what was left undone goes to somebody else.</dd>
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
