import { hex } from '../shared/bytes.ts';

/** SHA-256 in hexadecimal digits; of text, its UTF-8 bytes. */
export async function sha256(data: string | Uint8Array): Promise<string> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/** JSON that refuses to turn NaN and Infinity into null, as JSON.stringify and D1 silently do. */
export const exactJson = (value: unknown): string =>
  JSON.stringify(value, (key, inner) => {
    if (typeof inner === 'number' && !Number.isFinite(inner))
      throw new Error(`${key} is ${inner}, which JSON cannot hold`);
    return inner;
  });
