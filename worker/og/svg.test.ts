import { expect, test } from 'vitest';
import { amount, clipped, escaped, heat, legible, text, textWidth, wrapped } from './svg.ts';

test('whatever a researcher wrote is text and nothing else', () => {
  expect(escaped(`<script>"a" & 'b'</script>`)).toBe(
    '&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;',
  );
  expect(escaped('a\u0000b\u001bc\ud800')).toBe('abc\ufffd');
  expect(text('</text><image href="x"/>', 0, 0, { size: 10 })).not.toContain('<image');
});

test('a long title is broken into lines that fit, and ends in an ellipsis', () => {
  const title = 'Weight decay decides when a network of one hidden layer generalises at last';
  const lines = wrapped(title, 46, 600, 2);
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(textWidth(line, 46)).toBeLessThanOrEqual(600);
  expect(lines[1]).toMatch(/…$/);
  expect(wrapped('Short', 46, 600, 2)).toEqual(['Short']);
  expect(wrapped('x'.repeat(500), 46, 600, 2)[0]?.length).toBeLessThan(30);
});

test('a text is clipped between characters, never within one', () => {
  expect(clipped('😀😀😀😀😀😀', 10, 30)).toMatch(/^(😀)+…$/u);
  expect(clipped('fits', 10, 100)).toBe('fits');
});

test('what the letters do not have is left out, and where little is left something else is said', () => {
  for (const words of ['Grokking τ = 6.0', 'Größe', 'быстро', '≥ 3 → 4', '<b>'])
    expect(legible(words, 'name')).toBe(words);
  expect(legible('Go faster 🚀', 'name')).toBe('Go faster');
  expect(['语言模型', '🚀', '语言 is'].map((words) => legible(words, 'name'))).toEqual(Array(3).fill('name'));
});

test('a share has a colour from none to all, and counts are grouped', () => {
  expect([heat(0).fill, heat(1).fill]).toEqual(['#f1eee7', '#6a2303']);
  expect([amount(1500), amount(12_345)]).toEqual(['1500', '12,345']);
});
