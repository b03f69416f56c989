import { afterEach, expect, test } from 'vitest';
import { speak } from '../words/index.ts';
import { deviceWords } from './device-words.ts';

afterEach(() => speak('en'));

test('a processor is called so in the reader’s language, and a graphics device by its own name', async () => {
  expect(deviceWords('processor, 1 thread')).toBe('processor, 1 thread');
  await speak('de');
  expect(deviceWords('processor, 16 threads')).toBe('Prozessor, 16 Threads');
  expect(deviceWords('NVIDIA H200')).toBe('NVIDIA H200');
});
