// How much of the device is used and how much is sent, in sentences with numbers: measured here where that was done.

import type { EngineChoice } from '../../engine/messages.ts';
import { bytes, dayOf, engineName, percent, rateWords } from '../../format.ts';
import { lending } from '../../words/lending.ts';
import type { LastBusy } from './last-busy.ts';
import { SENT } from './sent.ts';

/** How busy the device will be by the duty cycle, in percent, and was when it was last measured; null where that never was. */
export function loadWords(duty: number, busy: LastBusy | null, choice: EngineChoice | null): string[] {
  const say = lending().consent.load;
  const set = duty === 100 ? say.full : say.duty(`${duty} %`);
  const was = busy && say.busy(percent(busy.share), `${busy.duty} %`, dayOf(busy.atMs));
  const pace =
    choice && say.pace(`${engineName(choice.engine)}, ${rateWords(choice)}`, dayOf(choice.measuredAtMs));
  return [set, was ?? say.notMeasured, pace ?? say.unknown];
}

/** What a run sends. */
export function sentWords(): string[] {
  const say = lending().consent.sent;
  return [
    say.words(bytes(SENT.result.typical), bytes(SENT.result.most)),
    say.state(bytes(SENT.state.typical), bytes(SENT.state.most)),
  ];
}
