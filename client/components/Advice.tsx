import type { EngineChoice } from '../engine/messages.ts';
import { engineName, milliseconds } from '../format.ts';
import { type Advice as Advised, namesOf } from '../volunteer/advice.ts';
import { lending } from '../words/lending.ts';

interface AdviceProps {
  advice: Advised;
  /** What was measured here; null before anything was. */
  choice: EngineChoice | null;
}

/** What this browser can, why not more, and what to do about it; nothing where all is well. */
export function Advice({ advice, choice }: AdviceProps) {
  const { can, problem, steps } = advice;
  if (problem === null && steps.length === 0) return null;
  const said = lending().device.advice;
  const names = namesOf(advice);
  return (
    <section class="notice advice" aria-labelledby="advice">
      <h2 id="advice">{said.title}</h2>
      {problem && <p>{said.problem[problem](names)}</p>}
      <p>
        {said.runs[can]} {choice && measuredWords(choice)}
      </p>
      {steps.length > 0 && <p>{said.todo}:</p>}
      <ul>
        {steps.map((step) => (
          <li key={step}>
            <WithAddresses text={said.step[step](names)} />
          </li>
        ))}
      </ul>
      {can === 'nothing' && (
        <p class="actions">
          <a class="button" href="/">
            {said.replay}
          </a>
        </p>
      )}
    </section>
  );
}

/** Addresses of the browser's own pages, which no page may link to, set as what is to be typed. */
function WithAddresses({ text }: { text: string }) {
  const parts = text.split(/(\b[a-z]+:\/\/(?:[^\s,:]*[^\s,:.])?|\babout:[a-z]+)/);
  return <>{parts.map((part, i) => (i % 2 === 1 ? <code key={part}>{part}</code> : part))}</>;
}

/** How many times as fast as the next the chosen engine is, by what the benchmark gave. */
function measuredWords({ engine, msPerStep, trials }: EngineChoice): string {
  const { measured, ratio } = lending().device.advice;
  const others = trials
    .filter(({ name, rates }) => name !== engine && rates.length > 0)
    .map(({ name, rates }) => ({ name, ms: Math.min(...rates.map((rate) => rate.msPerStep)) }))
    .sort((a, b) => a.ms - b.ms);
  const [next] = others;
  return next
    ? ratio(engineName(engine), engineName(next.name), milliseconds(next.ms / msPerStep))
    : measured(engineName(engine), milliseconds(msPerStep));
}
