import { expect, test, vi } from 'vitest';
import { stepOf } from '../../shared/run-state.ts';
import { TINY } from '../../test/configurations.ts';
import { type FakeOptions, fakeEngine } from '../../test/fake-engine.ts';
import { Control } from './control.ts';
import { Stamina } from './pace.ts';
import type { SavedRun } from './saving.ts';
import { trainRuns } from './train.ts';

const plan = { origin: null, end: null, until: Number.POSITIVE_INFINITY, resume: null };
const config = { ...TINY, train: { ...TINY.train, steps: 100_000 } };
const hidden = { duty: 1, rest: { why: 'hidden' } } as const;
const shown = { duty: 1, rest: null };

/** Trains two runs, and does something after every third chunk; the steps that were kept beyond the program, of each run. */
function training(
  third: (control: Control) => void,
  { keeps = true, ...options }: FakeOptions & { keeps?: boolean } = {},
) {
  const it = { control: new Control(), kept: [] as (number | null)[][], reached: [] as number[] };
  const onStep = (step: number) => it.reached.push(step) % 3 === 0 && third(it.control);
  const keep = async (saved: SavedRun[]) => void it.kept.push(saved.map(({ state }) => stepOf(state)));
  const over = trainRuns({
    chosen: () => ({ engine: fakeEngine({ msPerChunk: 2, ...options, onStep }), replicas: 2 }),
    trainings: [0, 1].map((seed) => ({ config, seed })),
    plans: [plan, plan],
    ...{ control: it.control, stamina: new Stamina(), ...(keeps && { keep }) },
    ...{ onGroup: () => {}, onPoints: () => {}, onMishap: () => {} },
  }).next();
  return Object.assign(it, { over });
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

const holds = {
  'a pause': { begin: (control: Control) => control.pause(), end: (control: Control) => control.resume() },
  'a rest': {
    begin: (control: Control) => control.setRule(hidden),
    end: (control: Control) => control.setRule(shown),
  },
};

test.each(Object.entries(holds))(
  '%s keeps the runs in hand where they stand, and once',
  async (_, { begin, end }) => {
    const { control, kept, reached, over } = training(begin);
    await vi.waitFor(() => expect(kept).toHaveLength(1));
    await settled();
    const [step] = reached.slice(2);
    expect([kept, reached.length]).toEqual([[[step, step]], 3]);
    // Held in another way, and a wait that is begun anew: nothing was trained since.
    control.pause();
    control.setRule(hidden);
    control.nudge();
    await settled();
    expect(kept).toHaveLength(1);
    control.resume();
    control.setRule(shown);
    end(control);
    await vi.waitFor(() => expect(reached).toHaveLength(6));
    control.stop();
    await over;
  },
);

test('who stops too early to hand anything in finds the runs where they stood', async () => {
  const { kept, reached, over } = training((control) => control.stop());
  expect((await over).done).toBe(true);
  expect(kept).toEqual([[reached[2], reached[2]]]);
});

test('a stop where it stands already keeps nothing anew', async () => {
  const { control, kept, over } = training((control) => control.pause());
  await vi.waitFor(() => expect(kept).toHaveLength(1));
  control.stop();
  await over;
  expect(kept).toHaveLength(1);
});

test('what a device does not keep, or what is too large to be kept, is not saved for a pause', async () => {
  const fails = vi.fn(() => false);
  const none = training((control) => control.pause(), { keeps: false, fails });
  await settled();
  expect(fails).not.toHaveBeenCalled();
  const large = training((control) => control.pause(), { fails, checkpointBytes: 128 * 1024 ** 2 + 1 });
  await settled();
  expect(fails).toHaveBeenCalledOnce();
  large.control.resume();
  await vi.waitFor(() => expect(large.control.paused).toBe(true));
  await settled();
  expect([fails.mock.calls, large.kept]).toEqual([[['save']], []]);
  for (const { control, over } of [none, large]) {
    control.stop();
    await over;
  }
});

test('an engine that fails to save for one who leaves is no failure', async () => {
  const { over } = training((control) => control.stop(), { fails: (call) => call === 'save' });
  expect((await over).done).toBe(true);
});

test('who leaves waits a moment for what is kept, not for as long as it takes', async () => {
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  let saves = 0;
  const slow = () => {
    now += 1200;
    saves++;
    return false;
  };
  const { kept, over } = training((control) => control.stop(), { fails: slow });
  expect((await over).done).toBe(true);
  expect([saves, kept]).toEqual([1, []]);
  clock.mockRestore();
});
