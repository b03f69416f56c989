import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { iconFiles } from './cli/local/icons.ts';

const text = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');
const manifest = JSON.parse(text('public/manifest.webmanifest'));
const page = text('index.html');
const tokens = text('style-tokens.css');

/** Width and height as a PNG says them itself. */
function sizeOf(png: Uint8Array): string {
  const view = new DataView(png.buffer, png.byteOffset);
  expect(view.getUint32(0)).toBe(0x89504e47);
  return `${view.getUint32(16)}x${view.getUint32(20)}`;
}

test('the manifest has what browsers ask of an app before they offer to install it', () => {
  const { name, short_name, start_url, scope, display, icons, shortcuts } = manifest;
  expect([short_name, start_url, scope, display]).toEqual(['Tabgrad', '/run', '/', 'standalone']);
  expect(name.length).toBeLessThanOrEqual(75);
  const any = icons.filter(({ purpose }: { purpose: string }) => purpose === 'any');
  expect(any.map(({ sizes }: { sizes: string }) => sizes)).toEqual(['any', '192x192', '512x512']);
  expect(icons.some(({ purpose }: { purpose: string }) => purpose === 'maskable')).toBe(true);
  for (const { url } of shortcuts) expect(url).toMatch(/^\/\w/);
});

test('every icon that is named is made, in the size that is said, and small', async () => {
  const made = await iconFiles();
  const named = [...manifest.icons, ...manifest.shortcuts.flatMap(({ icons }: { icons: object[] }) => icons)];
  for (const { src, sizes } of named.filter(({ src }) => src.endsWith('.png')))
    expect([src, sizeOf(made.get(src.slice(1))!)]).toEqual([src, sizes]);
  for (const [, path] of page.matchAll(/href="\/(icons\/[^"]+)"/g)) expect(made.has(path!)).toBe(true);
  for (const [path, { length }] of made) expect([path, length < 20_000]).toEqual([path, true]);
});

test('the page names the manifest and the icons of all kinds of browsers, in the colours of both themes', () => {
  const [, light, dark] = tokens.match(/--paper: light-dark\((#\w+), (#\w+)\)/)!;
  expect([manifest.background_color, manifest.theme_color]).toEqual([light, light]);
  expect(page).toContain(`content="${light}" media="(prefers-color-scheme: light)"`);
  expect(page).toContain(`content="${dark}" media="(prefers-color-scheme: dark)"`);
  for (const rel of ['manifest', 'icon', 'apple-touch-icon']) expect(page).toContain(`<link rel="${rel}"`);
});
