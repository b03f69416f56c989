// States of runs between two segments, in R2 under the SHA-256 of their bytes: storing one twice is storing it once. One
// that nobody goes on from is cleaned away after a while. So that none is cleaned away while somebody begins to, an old
// one is stored anew when it is sent again, and counts as missing shortly before its time.

const DAY_MS = 24 * 3600 * 1000;
const PREFIX = 'states/';
const DIGEST = /^[0-9a-f]{64}$/;

/** A state of this age may be cleaned away. */
export const OLD_MS = 7 * DAY_MS;
/** A state of this age is not what a run can begin to go on from. */
const TOO_OLD_MS = 6 * DAY_MS;
/** A state of this age is stored anew. */
const AGEING_MS = DAY_MS;
const LISTED_AT_ONCE = 1000;

/** Throws for anything but 64 digits of 0-9 and a-f: nothing else ever becomes part of a key. */
function stateKey(digest: string): string {
  if (!DIGEST.test(digest)) throw new Error('a state is named by the SHA-256 of its bytes');
  return PREFIX + digest;
}

export const isStateDigest = (text: string): boolean => DIGEST.test(text);

/**
 * Stores a state, unless it is there and young. False when its bytes do not have the digest; then nothing is stored. The
 * length of a stream must be known. Safe to repeat.
 */
export async function putState(
  bucket: R2Bucket,
  digest: string,
  bytes: ReadableStream | Uint8Array,
  nowMs = Date.now(),
): Promise<boolean> {
  const key = stateKey(digest);
  const there = await bucket.head(key);
  const isAgeing = there !== null && nowMs - there.uploaded.getTime() > AGEING_MS;
  const onlyIf = isAgeing ? {} : { onlyIf: new Headers({ 'if-none-match': '*' }) };
  try {
    await bucket.put(key, bytes, { sha256: digest, ...onlyIf });
    return true;
  } catch (error) {
    if (error instanceof Error && /checksum|sha-?256|BadDigest/i.test(error.message)) return false;
    throw error;
  }
}

/** Whether it is stored and young enough to be gone on from. */
export async function hasState(bucket: R2Bucket, digest: string, nowMs: number): Promise<boolean> {
  const there = await bucket.head(stateKey(digest));
  return there !== null && nowMs - there.uploaded.getTime() < TOO_OLD_MS;
}

/** Null when it is not stored. */
export const getState = (bucket: R2Bucket, digest: string): Promise<R2ObjectBody | null> =>
  bucket.get(stateKey(digest));

/** Its first bytes, so many where it has them; null when it is not stored. */
export async function beginningOfState(
  bucket: R2Bucket,
  digest: string,
  length: number,
): Promise<Uint8Array | null> {
  const state = await bucket.get(stateKey(digest), { range: { offset: 0, length } });
  return state && new Uint8Array(await state.arrayBuffer());
}

/** Deletes a state whose stored bytes are not those of its name. Safe to repeat. */
export const dropState = (bucket: R2Bucket, digest: string): Promise<void> => bucket.delete(stateKey(digest));

/** Deletes states, at most a thousand. Safe to repeat. */
export const dropStates = (bucket: R2Bucket, digests: readonly string[]): Promise<void> =>
  bucket.delete(digests.map(stateKey));

/** Up to a thousand states whose digests begin so: those that are old, and how to go on; null at the end. */
export async function oldStates(
  bucket: R2Bucket,
  { prefix, cursor, nowMs }: { prefix: string; cursor: string | null; nowMs: number },
): Promise<{ digests: string[]; cursor: string | null }> {
  const options = { prefix: PREFIX + prefix, limit: LISTED_AT_ONCE };
  const listed = await bucket.list(cursor === null ? options : { ...options, cursor });
  const old = listed.objects.filter(({ uploaded }) => nowMs - uploaded.getTime() > OLD_MS);
  const digests = old.map(({ key }) => key.slice(PREFIX.length)).filter(isStateDigest);
  return { digests, cursor: listed.truncated ? listed.cursor : null };
}
