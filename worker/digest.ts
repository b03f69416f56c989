export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** SHA-256 in hexadecimal digits; of text, its UTF-8 bytes. */
export async function sha256(data: string | Uint8Array): Promise<string> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/** The bytes of a base64 text; null when it is not one. */
export function fromBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

/** JSON that refuses to turn NaN and Infinity into null, as JSON.stringify and D1 silently do. */
export const exactJson = (value: unknown): string =>
  JSON.stringify(value, (key, inner) => {
    if (typeof inner === 'number' && !Number.isFinite(inner))
      throw new Error(`${key} is ${inner}, which JSON cannot hold`);
    return inner;
  });
