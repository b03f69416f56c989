import { hex } from '../../shared/bytes.ts';
import { sha256 } from '../../shared/sha256.ts';

/** SHA-256 in hexadecimal digits. The platform's own is ten times as fast, and missing on plain-http pages. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const { subtle } = crypto;
  return hex(subtle ? new Uint8Array(await subtle.digest('SHA-256', bytes)) : sha256(bytes));
}
