import { useId } from 'preact/hooks';
import type { Busy } from '../../engine/messages.ts';
import { DUTY } from '../../volunteer/settings.ts';
import { lending } from '../../words/lending.ts';
import { DUTY_STEP, dutyWords, measuredWords } from './duty.ts';

interface DutySliderProps {
  /** In percent. */
  duty: number;
  busy: Busy | null;
  onChange: (duty: number) => void;
}

/** How much of the time to compute, and beside it how much that is as measured. */
export function DutySlider({ duty, busy, onChange }: DutySliderProps) {
  const id = useId();
  return (
    <div class="duty">
      <label for={id}>{lending().settings.duty.name}</label>
      {/* The slider says it itself. */}
      <output for={id} class="duty-value" aria-live="off">
        {dutyWords(duty)}
      </output>
      <input
        id={id}
        type="range"
        min={DUTY.min}
        max={DUTY.max}
        step={DUTY_STEP}
        value={duty}
        style={{ '--part': `${(100 * (duty - DUTY.min)) / (DUTY.max - DUTY.min)}%` }}
        aria-valuetext={dutyWords(duty)}
        aria-describedby={`${id}-measured`}
        onInput={(event) => onChange(Number(event.currentTarget.value))}
      />
      <span id={`${id}-measured`} class="duty-measured">
        {measuredWords(duty, busy)}
      </span>
    </div>
  );
}
