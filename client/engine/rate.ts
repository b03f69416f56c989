/** A run that takes so much longer than one alone tells how quick something is. */
const MEASURED_MS = 25;
const TRIES = 3;
/** No run is meant to take longer, unless doing it twice does. */
const RUN_MS_MAX = 100;
const GROWTH_MAX = 64;
const TIMES_MAX = 2 ** 30;

/**
 * How many times a second something is done, for all of which `work` returns or resolves once: the best of a few tries, since
 * other programs only ever make it slower. What every call costs, such as a round trip, is not counted. Takes about a fifth
 * of a second.
 */
export async function perSecond(work: (times: number) => unknown): Promise<number> {
  const timed = async (times: number): Promise<number> => {
    const startMs = performance.now();
    await work(times);
    return performance.now() - startMs;
  };
  // The first is slower: whatever there is to be compiled is compiled.
  await timed(1);
  const onceMs = await timed(1);
  let [times, ms] = [1, onceMs];
  while (ms < onceMs + MEASURED_MS && times < TIMES_MAX) {
    const fitting = (1.2 * MEASURED_MS) / Math.max(1e-3, ms - onceMs);
    const most = Math.min(GROWTH_MAX, RUN_MS_MAX / Math.max(1e-3, ms));
    times = Math.ceil(times * Math.max(2, Math.min(fitting, most)));
    ms = await timed(times);
  }
  for (let i = 1; i < TRIES; i++) ms = Math.min(ms, await timed(times));
  return (1000 * (times - 1)) / Math.max(1e-3, ms - onceMs);
}
