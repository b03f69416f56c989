// The icons of the pages, all made from client/public/favicon.svg when the pages are built.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

const source = fileURLToPath(new URL('../../public/favicon.svg', import.meta.url));
const PAPER = '#faf9f6';

interface Icon {
  size: number;
  /** How much of the side the mark takes. A mask may cut off all outside of a circle of 80 % of the side. */
  share: number;
  /** Radius of the corners of the ground, of 32; null without a ground. */
  corner: number | null;
}

const ICONS: Record<string, Icon> = {
  'icons/favicon-48.png': { size: 48, share: 1, corner: null },
  'icons/apple-touch-180.png': { size: 180, share: 0.7, corner: 0 },
  'icons/app-192.png': { size: 192, share: 0.74, corner: 7 },
  'icons/app-512.png': { size: 512, share: 0.74, corner: 7 },
  'icons/maskable-512.png': { size: 512, share: 0.56, corner: 0 },
};

/** PNG files by their paths on the site. The same source gives the same bytes. */
export async function iconFiles(): Promise<Map<string, Uint8Array>> {
  await prepare();
  const mark = readFileSync(source, 'utf8');
  return new Map(Object.entries(ICONS).map(([path, icon]) => [path, draw(mark, icon)]));
}

let ready: Promise<void> | null = null;
function prepare(): Promise<void> {
  const wasm = createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm');
  ready ??= initWasm(readFileSync(wasm));
  return ready;
}

function draw(mark: string, { size, share, corner }: Icon): Uint8Array {
  const inset = 16 * (1 - share);
  const ground = corner === null ? '' : `<rect width="32" height="32" rx="${corner}" fill="${PAPER}"/>`;
  const placed = mark.replace(
    '<svg ',
    `<svg x="${inset}" y="${inset}" width="${32 * share}" height="${32 * share}" `,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 32 32">${ground}${placed}</svg>`;
  const image = new Resvg(svg).render();
  return image.asPng();
}
