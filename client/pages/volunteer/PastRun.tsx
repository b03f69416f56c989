import { getHome, getRun } from '../../api.ts';
import { lending } from '../../words/lending.ts';
import { Replay } from '../home/Replay.tsx';
import { useFetched } from '../use-fetched.ts';

/** A recorded run, for those who want to see what it looks like before they lend anything, or cannot. */
export function PastRun() {
  const say = lending().run.replay;
  const { value, error } = useFetched('past run', async (signal) => {
    const { finding } = await getHome(signal);
    if (!finding || finding.run === null) return { reply: null };
    return { reply: await getRun(finding.sweepId, finding.run, signal) };
  });
  return (
    <section class="figure-card" aria-labelledby="past-run">
      <h2 id="past-run">{say.title}</h2>
      {value?.reply?.curve ? <Replay reply={value.reply} /> : <p>{error ? say.failed : value && say.none}</p>}
    </section>
  );
}
