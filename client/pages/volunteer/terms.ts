// How much of the device is used and how much is sent, in sentences with numbers: measured here where that was done.

import type { EngineChoice } from '../../engine/messages.ts';
import { bytes, dayOf, engineName, percent, rateWords } from '../../format.ts';
import type { Settings } from '../../volunteer/settings.ts';
import { lending } from '../../words/lending.ts';
import type { LastBusy } from './last-busy.ts';
import { SENT } from './sent.ts';

/** What was measured here before; null where it never was. */
interface Measured {
  busy: LastBusy | null;
  choice: EngineChoice | null;
}

/** How busy the device will be by the settings, on battery too where the browser tells, and was when it was last measured. */
export function loadWords(
  { duty, battery }: Pick<Settings, 'duty' | 'battery'>,
  isOnBattery: boolean | null,
  { busy, choice }: Measured,
): string[] {
  const say = lending().consent.load;
  const onBattery = isOnBattery === null ? lending().settings.battery.untold : say.battery[battery];
  const set = duty === 100 ? say.full : say.duty(`${duty} %`);
  const was = busy && say.busy(percent(busy.share), `${busy.duty} %`, dayOf(busy.atMs));
  const pace =
    choice && say.pace(`${engineName(choice.engine)}, ${rateWords(choice)}`, dayOf(choice.measuredAtMs));
  return [set, onBattery, was ?? say.notMeasured, pace ?? say.unknown];
}

/** What a run sends. */
export function sentWords(): string[] {
  const say = lending().consent.sent;
  return [
    say.words(bytes(SENT.result.typical), bytes(SENT.result.most)),
    say.state(bytes(SENT.state.typical), bytes(SENT.state.most)),
  ];
}
