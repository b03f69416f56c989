import type { ComponentChildren, Ref } from 'preact';
import { dayOf } from '../format.ts';
import type { Identity } from '../identity.ts';
import { lending } from '../words/lending.ts';

export interface ConsentProps {
  /** When consent was given on this device before; null when not. */
  agreedAtMs: number | null;
  identity: Identity | null;
  name: string;
  /** True when training was stopped during this visit. */
  isAgain: boolean;
  /** How much of the device is used, and how much is sent: sentences with numbers. */
  load: readonly string[];
  sent: readonly string[];
  box: Ref<HTMLFormElement>;
  onName: (name: string) => void;
  onForget: () => void;
  onStart: () => void;
  onWithdraw: () => void;
  /** The choices there are before a start. */
  children: ComponentChildren;
}

const NAME_MAX = 40;

/** What will happen on this device, before it does. */
export function Consent(props: ConsentProps) {
  const { agreedAtMs, identity, isAgain, box, onStart, onWithdraw, children } = props;
  const say = lending().consent;
  const start = (event: Event) => {
    event.preventDefault();
    onStart();
  };
  return (
    <form ref={box} class="figure-card consent" onSubmit={start} aria-label={say.form}>
      <div class="consent-terms">
        <Terms {...props} />
        <p>
          <a href="/privacy">{say.privacy}</a>
        </p>
      </div>
      <div class="consent-choices">
        {children}
        {identity ? <KnownAs {...props} identity={identity} /> : <NameField {...props} />}
        <div class="consent-start">
          <button type="submit" class="button button-main button-large">
            {agreedAtMs === null ? say.start.first : isAgain ? say.start.again : say.start.known}
          </button>
          <p class="small">
            {agreedAtMs !== null ? say.agreed(dayOf(agreedAtMs)) : identity ? say.nothingNow : say.nothingYet}{' '}
            {agreedAtMs !== null && (
              <button type="button" class="link" onClick={onWithdraw}>
                {say.withdraw}
              </button>
            )}
          </p>
        </div>
      </div>
    </form>
  );
}

function Terms({ load, sent }: Pick<ConsentProps, 'load' | 'sent'>) {
  const { runs, load: share, sent: sending, kept, never, ends } = lending().consent;
  const terms: [name: string, sentences: readonly string[]][] = [
    [runs.name, [runs.words]],
    [share.name, load],
    [sending.name, sent],
    [kept.name, [kept.words]],
    [never.name, [never.words]],
    [ends.name, [ends.words]],
  ];
  return (
    <dl class="terms">
      {terms.map(([name, sentences]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{sentences.join(' ')}</dd>
        </div>
      ))}
    </dl>
  );
}

function NameField({ name, onName }: Pick<ConsentProps, 'name' | 'onName'>) {
  const { nameField, anonymous } = lending().consent;
  return (
    <label class="field">
      {nameField}
      <input
        type="text"
        maxLength={NAME_MAX}
        autocomplete="nickname"
        value={name}
        placeholder={anonymous}
        onInput={(event) => onName(event.currentTarget.value)}
      />
    </label>
  );
}

function KnownAs({ identity, onForget }: { identity: Identity; onForget: () => void }) {
  const { before, nobody, after, page, forget } = lending().consent.known;
  return (
    <p>
      {before}
      <strong>{identity.name ?? nobody}</strong>
      {after} <a href="/me">{page}</a> ·{' '}
      <button type="button" class="link" onClick={onForget}>
        {forget}
      </button>
    </p>
  );
}
