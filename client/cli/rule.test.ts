import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Conditions, DEFAULTS, type Rule } from '../volunteer/settings.ts';
import { followSettings } from './rule.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the clock and the battery change the rule, and each change is said once', () => {
  const rules: Rule[] = [];
  const said: string[] = [];
  let conditions: Conditions = { minuteOfDay: 12 * 60, isOnBattery: false, isHidden: false };
  const unfollow = followSettings(
    { ...DEFAULTS, duty: 25, hours: { from: 22, to: 7 } },
    {
      control: { setRule: (rule) => rules.push(rule) },
      say: (words) => said.push(words),
      conditions: () => conditions,
    },
  );
  expect(rules).toEqual([{ duty: 0.25, rest: { why: 'hours', until: 22 } }]);
  expect(said).toEqual(['Resting until 22:00 (--hours)']);
  vi.advanceTimersByTime(60_000);
  expect(rules).toHaveLength(1);

  conditions = { ...conditions, minuteOfDay: 23 * 60 };
  vi.advanceTimersByTime(6000);
  expect(rules.at(-1)).toEqual({ duty: 0.25, rest: null });
  expect(said.at(-1)).toBe('Going on');

  conditions = { ...conditions, isOnBattery: true };
  vi.advanceTimersByTime(6000);
  expect(rules.at(-1)?.rest).toEqual({ why: 'battery' });
  expect(said.at(-1)).toContain('while this computer is on battery');

  unfollow();
  conditions = { ...conditions, isOnBattery: false };
  vi.advanceTimersByTime(60_000);
  expect(rules).toHaveLength(3);
});
