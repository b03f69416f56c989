import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KEPT } from './kept.ts';

const root = join(import.meta.dirname, '..');
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$|^cli\/|^storage\/kept\.ts$|-node\.ts$/.test(path))
  .map((path) => readFileSync(join(root, path), 'utf8'));

test('the privacy page tells of everything that is kept in a browser', () => {
  const names = sources.flatMap((text) =>
    [...text.matchAll(/'(tabgrad[.-][\w.-]*)'/g)].map(([, name]) => name),
  );
  const isFileName = (name: string) => /\.(json|csv|yaml|txt)$/.test(name);
  const found = new Set(names.filter((name) => name !== undefined && !isFileName(name)));
  expect([...found].sort()).toEqual(Object.keys(KEPT).sort());
});

test('nothing sets a cookie', () => {
  expect(sources.filter((text) => /document\.cookie|cookieStore/.test(text))).toEqual([]);
});
