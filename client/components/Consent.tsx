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
  /** Whether nothing was begun on this visit, in vain or not. */
  isUntouched: boolean;
  /** How much of the device is used, and how much is sent: sentences with numbers. */
  load: readonly string[];
  sent: readonly string[];
  box: Ref<HTMLFormElement>;
  onName: (name: string) => void;
  onStart: () => void;
  onWithdraw: () => void;
  /** The choices there are before a start. */
  children: ComponentChildren;
}

const NAME_MAX = 40;

/** What will happen on this device, before it does. */
export function Consent(props: ConsentProps) {
  const { agreedAtMs, identity, isAgain, isUntouched, box, onStart, onWithdraw, children } = props;
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
        {identity ? <KnownAs identity={identity} /> : <NameField {...props} />}
        <div class="consent-start">
          <button type="submit" class="button button-main button-large">
            {agreedAtMs === null ? say.start.first : isAgain ? say.start.again : say.start.known}
          </button>
          <p class="small">
            {agreedAtMs !== null
              ? say.agreed(dayOf(agreedAtMs))
              : isUntouched
                ? say.nothingYet
                : say.nothingNow}{' '}
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
  const { nameField, nameHelp, anonymous } = lending().consent;
  return (
    <div>
      <label class="field">
        {nameField}
        <input
          type="text"
          maxLength={NAME_MAX}
          autocomplete="nickname"
          value={name}
          placeholder={anonymous}
          aria-describedby="name-help"
          onInput={(event) => onName(event.currentTarget.value)}
        />
      </label>
      <p id="name-help" class="small">
        {nameHelp}
      </p>
    </div>
  );
}

function KnownAs({ identity }: { identity: Identity }) {
  const { before, nobody, after, page } = lending().consent.known;
  return (
    <p>
      {before}
      <strong>{identity.name ?? nobody}</strong>
      {after} <a href="/me">{page}</a>
    </p>
  );
}
