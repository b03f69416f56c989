import type { EngineTrial } from '../engine/messages.ts';
import { ceilingOf, type Roof, shareOf } from '../engine/roofline.ts';
import { bytes, choiceWords, dayOf, engineName, flops, percent, rateWords } from '../format.ts';
import type { SessionState } from '../session-state.ts';
import { lending } from '../words/lending.ts';
import { deviceWords } from './device-words.ts';

interface EngineChoiceProps {
  engine: NonNullable<SessionState['engine']>;
  isMeasuring: boolean;
  /** Null while training is paused. */
  onMeasure: (() => void) | null;
}

/** Which engine computes on what and why, how near it comes to what the device could do, and how the others did. */
export function EngineChoice({ engine: { choice, isStored }, isMeasuring, onMeasure }: EngineChoiceProps) {
  const said = lending().device.engine;
  return (
    <section aria-labelledby="engine">
      <h2 id="engine">{said.title}</h2>
      <p>{choiceWords({ ...choice, device: deviceWords(choice.device) })}.</p>
      {choice.roof ? (
        <Roofline roof={choice.roof} msPerStep={choice.msPerStep} />
      ) : (
        <p class="small">{said.shareUnknown}</p>
      )}
      {choice.trials.length > 0 && <Trials trials={choice.trials} />}
      <p class="actions">
        <button
          type="button"
          class="button button-small"
          onClick={() => !isMeasuring && onMeasure?.()}
          aria-disabled={isMeasuring || !onMeasure}
        >
          {isMeasuring ? said.measuring : said.measure}
        </button>
        <span class="small">{isStored ? said.earlier(dayOf(choice.measuredAtMs)) : said.now}</span>
      </p>
    </section>
  );
}

function Roofline({ roof, msPerStep }: { roof: Roof; msPerStep: number }) {
  const said = lending().device.engine;
  const { summary, model, peak, bandwidth, step, bound, above } = said.roofline;
  const ceiling = ceilingOf(roof);
  const share = shareOf(roof, msPerStep);
  return (
    <>
      <p>{said.share(percent(share), flops(ceiling.flopsPerSecond))}</p>
      <details>
        <summary>{summary}</summary>
        <p>{model}</p>
        <p>
          {peak(flops(roof.flopsPerSecond))} {bandwidth(bytes(roof.bytesPerSecond))}
        </p>
        <p>
          {step(flops(roof.flopsPerStep), bytes(roof.bytesPerStep))} {bound[ceiling.bound]}
        </p>
        {share > 1 && <p>{above}</p>}
      </details>
    </>
  );
}

function Trials({ trials }: { trials: readonly EngineTrial[] }) {
  const said = lending().device.engine;
  return (
    <details>
      <summary>{said.trials}</summary>
      <ul class="trials">
        {trials.map(({ name, device, rates, problem }) => (
          <li key={name}>
            <strong>{engineName(name)}</strong>
            {device && said.on(deviceWords(device))}:{' '}
            {problem ?? (rates.map((rate) => rateWords(rate)).join('; ') || said.notTried)}
          </li>
        ))}
      </ul>
    </details>
  );
}
