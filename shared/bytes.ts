// Bytes as text and back.

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

export function base64(bytes: Uint8Array): string {
  let text = '';
  // A call takes only so many arguments.
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

type FromBase64 = { fromBase64?: (text: string) => Uint8Array };

/** The bytes of a base64 text; null when it is not one. */
export function fromBase64(text: string): Uint8Array | null {
  // Newer JavaScript has it built in, and several times faster.
  const { fromBase64: native } = Uint8Array as FromBase64;
  try {
    if (native) return native.call(Uint8Array, text);
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}
