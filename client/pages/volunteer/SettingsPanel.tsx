import type { ComponentChildren } from 'preact';
import type { Conditions, Settings } from '../../volunteer/settings.ts';
import { lending } from '../../words/lending.ts';
import { HOURS, hoursWords, hourWords, withEnd } from './hours.ts';

export interface SettingsPanelProps {
  settings: Settings;
  /** As they are just now. */
  conditions: Pick<Conditions, 'minuteOfDay' | 'isOnBattery'>;
  /** Whether this browser can keep the screen on. */
  canKeepScreenOn: boolean;
  onChange: (change: Partial<Settings>) => void;
  onShowKeys: () => void;
  /** What to work for, and what else belongs here. */
  children?: ComponentChildren;
}

/** The hours that are proposed when somebody first asks for some: the night. */
const NIGHT = { from: 22, to: 7 };

/** What a volunteer allows: each change is kept and in force at once. */
export function SettingsPanel(props: SettingsPanelProps) {
  const { title, kept } = lending().settings;
  return (
    <details class="figure-card settings">
      <summary>
        <h2>{title}</h2>
      </summary>
      <p class="small">{kept}</p>
      <div class="settings-grid">
        <Hours {...props} />
        <Battery {...props} />
        <Hidden {...props} />
        <Screen {...props} />
        <Keyboard {...props} />
        {props.children}
      </div>
    </details>
  );
}

function Hours({ settings: { hours }, conditions, onChange }: SettingsPanelProps) {
  const say = lending().settings.hours;
  const end = (name: 'from' | 'to') =>
    hours && (
      <label class="field">
        {say[name]}
        <select
          value={hours[name]}
          onChange={({ currentTarget }) =>
            onChange({ hours: withEnd(hours, name, Number(currentTarget.value)) })
          }
        >
          {HOURS.map((hour) => (
            <option key={hour} value={hour}>
              {hourWords(hour)}
            </option>
          ))}
        </select>
      </label>
    );
  return (
    <fieldset class="setting">
      <legend>{say.name}</legend>
      <Check isOn={hours !== null} onSwitch={(isOn) => onChange({ hours: isOn ? NIGHT : null })}>
        {say.only}
      </Check>
      {hours && (
        <>
          <div class="hours">
            {end('from')}
            {end('to')}
          </div>
          <p class="small" role="status">
            {hoursWords(hours, conditions.minuteOfDay)} {say.clock}
          </p>
        </>
      )}
    </fieldset>
  );
}

function Battery({ settings: { battery }, conditions: { isOnBattery }, onChange }: SettingsPanelProps) {
  const say = lending().settings.battery;
  return (
    <fieldset class="setting">
      <legend>{say.name}</legend>
      <Check
        isOn={battery === 'rest' && isOnBattery !== null}
        isDisabled={isOnBattery === null}
        onSwitch={(isOn) => onChange({ battery: isOn ? 'rest' : 'train' })}
      >
        {say.rest}
      </Check>
      <p class="small">{isOnBattery === null ? say.untold : isOnBattery ? say.onBattery : say.plugged}</p>
    </fieldset>
  );
}

function Hidden({ settings: { hidden }, onChange }: SettingsPanelProps) {
  const say = lending().settings.hidden;
  return (
    <fieldset class="setting">
      <legend>{say.name}</legend>
      {(['train', 'slow', 'rest'] as const).map((policy) => (
        <label key={policy} class="check">
          <input
            type="radio"
            name="hidden"
            checked={hidden === policy}
            onChange={() => onChange({ hidden: policy })}
          />
          {say[policy]}
        </label>
      ))}
      <p class="small">{say.how}</p>
    </fieldset>
  );
}

function Screen({ settings: { wakeLock }, canKeepScreenOn, onChange }: SettingsPanelProps) {
  const say = lending().settings.wakeLock;
  return (
    <fieldset class="setting">
      <legend>{say.name}</legend>
      <Check
        isOn={wakeLock && canKeepScreenOn}
        isDisabled={!canKeepScreenOn}
        onSwitch={(isOn) => onChange({ wakeLock: isOn })}
      >
        {say.on}
      </Check>
      <p class="small">{canKeepScreenOn ? say.how : say.none}</p>
    </fieldset>
  );
}

function Keyboard({ settings: { shortcuts }, onChange, onShowKeys }: SettingsPanelProps) {
  const say = lending().settings.keys;
  return (
    <fieldset class="setting">
      <legend>{say.name}</legend>
      <Check isOn={shortcuts} onSwitch={(isOn) => onChange({ shortcuts: isOn })}>
        {say.on}
      </Check>
      <p>
        <button type="button" class="link" onClick={onShowKeys}>
          {say.show}
        </button>
      </p>
    </fieldset>
  );
}

interface CheckProps {
  isOn: boolean;
  isDisabled?: boolean;
  onSwitch: (isOn: boolean) => void;
  children: ComponentChildren;
}

function Check({ isOn, isDisabled = false, onSwitch, children }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={isOn}
        disabled={isDisabled}
        onChange={(event) => onSwitch(event.currentTarget.checked)}
      />
      {children}
    </label>
  );
}
