import { expect, test } from 'vitest';
import { onSignal } from './stop.ts';

function stopping() {
  const done: (string | number)[] = [];
  let now = 0;
  const handle = onSignal({
    stop: () => done.push('stop'),
    say: () => done.push('say'),
    exit: (code) => done.push(code),
    nowMs: () => now,
  });
  const at = (ms: number, signal: 'SIGINT' | 'SIGTERM') => {
    now = ms;
    handle(signal);
    return done.splice(0);
  };
  return at;
}

test('the first signal stops cleanly, the second leaves at once with the status a shell gives', () => {
  const interrupted = stopping();
  expect(interrupted(0, 'SIGINT')).toEqual(['say', 'stop']);
  expect(interrupted(2000, 'SIGINT')).toEqual([130]);
  const ended = stopping();
  expect(ended(0, 'SIGTERM')).toEqual(['say', 'stop']);
  expect(ended(5000, 'SIGTERM')).toEqual([143]);
});

test('a signal that arrives twice was sent once', () => {
  const at = stopping();
  at(0, 'SIGTERM');
  expect(at(50, 'SIGTERM')).toEqual([]);
  expect(at(1000, 'SIGINT')).toEqual([130]);
});
