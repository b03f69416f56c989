// States of runs between two segments, in R2 under the SHA-256 of their bytes: storing one twice is storing it once.

const DIGEST = /^[0-9a-f]{64}$/;

/** Throws for anything but 64 digits of 0-9 and a-f: nothing else ever becomes part of a key. */
function stateKey(digest: string): string {
  if (!DIGEST.test(digest)) throw new Error('a state is named by the SHA-256 of its bytes');
  return `states/${digest}`;
}

export const isStateDigest = (text: string): boolean => DIGEST.test(text);

/**
 * Stores a state, unless it is there. False when its bytes do not have the digest; then nothing is stored. The length of
 * a stream must be known. Safe to repeat.
 */
export async function putState(
  bucket: R2Bucket,
  digest: string,
  bytes: ReadableStream | Uint8Array,
): Promise<boolean> {
  const key = stateKey(digest);
  try {
    await bucket.put(key, bytes, { sha256: digest, onlyIf: new Headers({ 'if-none-match': '*' }) });
    return true;
  } catch (error) {
    if (error instanceof Error && /checksum|sha-?256|BadDigest/i.test(error.message)) return false;
    throw error;
  }
}

export const hasState = async (bucket: R2Bucket, digest: string): Promise<boolean> =>
  (await bucket.head(stateKey(digest))) !== null;

/** Null when it is not stored. */
export const getState = (bucket: R2Bucket, digest: string): Promise<R2ObjectBody | null> =>
  bucket.get(stateKey(digest));

/** Deletes a state whose stored bytes are not those of its name. Safe to repeat. */
export const dropState = (bucket: R2Bucket, digest: string): Promise<void> => bucket.delete(stateKey(digest));
