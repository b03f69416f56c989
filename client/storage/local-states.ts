// The state of a run in training, kept every few seconds so that this device resumes its own lease after a crash.
// Every save is a new, sealed file; the one before it goes only when the new one is whole.

export interface LocalStates {
  /** The bytes last saved under the key; null where there are none, they are damaged, or storage is refused. */
  load(key: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Whether the bytes are safe now; false, never an error, where storage is full or refused. They are copied at once. */
  save(key: string, bytes: Uint8Array): Promise<boolean>;
  remove(key: string): Promise<void>;
  keys(): Promise<string[]>;
  clear(): Promise<void>;
}

/** The newest whole file of a key, as its first bytes. */
export interface Glimpse {
  key: string;
  head: Uint8Array<ArrayBuffer>;
}

/** A flat folder of files. Every method may reject. */
export interface StateFolder {
  list(): Promise<{ name: string; bytes: number }[]>;
  read(name: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Makes a file. When it resolves, the bytes outlive the program; until then there may be a part of them. */
  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  remove(name: string): Promise<void>;
}

export const LOCAL_STATES_BYTES_MAX = 256 * 2 ** 20;

const KEY = /^[a-z0-9.-]{1,120}$/;
const NAME = /^([a-z0-9.-]{1,120})_(\d{1,15})$/;

// The seal: the word, the length in bytes (float64), and the SHA-256 of the bytes. What follows is aligned.
const WORD = new TextEncoder().encode('tabgrad1');
const DIGEST_AT = 16;
const HEADER_BYTES = 48;

// The browser's digest: 30 MB take it some 50 ms off this thread; in JavaScript, 430 ms on it.
const digestOf = async (bytes: Uint8Array<ArrayBuffer>) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

/** What a folder holds, by the first bytes after the seal. Changes nothing, and checks lengths only. Rejects where it cannot be read. */
export async function glimpse(
  files: readonly {
    name: string;
    bytes: number;
    head: (bytes: number) => Promise<Uint8Array<ArrayBuffer>>;
  }[],
  headBytes: number,
): Promise<Glimpse[]> {
  const found = new Map<string, Glimpse>();
  for (const { key, bytes, head } of newestFirst(files)) {
    if (found.has(key)) continue;
    const file = await head(HEADER_BYTES + headBytes);
    if (isWhole(file, bytes)) found.set(key, { key, head: file.slice(HEADER_BYTES) });
  }
  return [...found.values()];
}

const isWhole = (head: Uint8Array<ArrayBuffer>, bytes: number): boolean =>
  head.length >= HEADER_BYTES &&
  WORD.every((byte, i) => head[i] === byte) &&
  new DataView(head.buffer, head.byteOffset).getFloat64(WORD.length) === bytes - HEADER_BYTES;

async function seal(file: Uint8Array<ArrayBuffer>): Promise<void> {
  const bytes = file.subarray(HEADER_BYTES);
  file.set(WORD);
  new DataView(file.buffer).setFloat64(WORD.length, bytes.length);
  file.set(await digestOf(bytes), DIGEST_AT);
}

async function unsealed(file: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!isWhole(file, file.length)) return null;
  const bytes = file.subarray(HEADER_BYTES);
  const digest = await digestOf(bytes);
  return digest.every((byte, i) => file[DIGEST_AT + i] === byte) ? bytes : null;
}

interface StateFile {
  name: string;
  key: string;
  /** Counts the saves of all keys: which is oldest does not hang on a clock. */
  counter: number;
  bytes: number;
}

/** The files of this room. */
const newestFirst = <F extends { name: string }>(
  files: readonly F[],
): (F & Pick<StateFile, 'key' | 'counter'>)[] =>
  files
    .flatMap((file) => {
      const [, key, counter] = NAME.exec(file.name) ?? [];
      return key ? [{ ...file, key, counter: Number(counter) }] : [];
    })
    .sort((a, b) => b.counter - a.counter);

export class SealedStates implements LocalStates {
  private readonly folder: StateFolder;
  private readonly bytesMax: number;
  private last: Promise<unknown> = Promise.resolve();

  constructor(folder: StateFolder, bytesMax = LOCAL_STATES_BYTES_MAX) {
    this.folder = folder;
    this.bytesMax = bytesMax;
  }

  load(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.inTurn(null, async () => {
      for (const { name } of (await this.files()).filter((file) => file.key === key)) {
        // What cannot be read at the moment is not damaged.
        const file = await this.folder.read(name).catch(() => null);
        const bytes = file && (await unsealed(file));
        if (bytes) return bytes;
        if (file) await this.removes(name);
      }
      return null;
    });
  }

  save(key: string, bytes: Uint8Array): Promise<boolean> {
    if (!KEY.test(key)) throw new Error(`"${key}" is no key of a local state`);
    const fileBytes = HEADER_BYTES + bytes.length;
    if (fileBytes > this.bytesMax) return Promise.resolve(false);
    // Copied now: the caller trains on while this waits its turn, and perhaps on shared memory.
    const file = new Uint8Array(fileBytes);
    file.set(bytes, HEADER_BYTES);
    return this.inTurn(false, async () => {
      const files = await this.files();
      const name = `${key}_${(files[0]?.counter ?? 0) + 1}`;
      await seal(file);
      try {
        await this.folder.write(name, file);
      } catch {
        await this.removes(name);
        return false;
      }
      await this.makeRoom(files, key, this.bytesMax - fileBytes);
      return true;
    });
  }

  remove(key: string): Promise<void> {
    return this.removeWhere((file) => file.key === key);
  }

  keys(): Promise<string[]> {
    return this.inTurn([], async () => [...new Set((await this.files()).map(({ key }) => key))]);
  }

  clear(): Promise<void> {
    return this.removeWhere(() => true);
  }

  /** Removes what the new file replaces, then the oldest of the others until they fit. */
  private async makeRoom(files: StateFile[], key: string, room: number): Promise<void> {
    let left = room;
    for (const file of files) {
      const fits = file.key !== key && file.bytes <= left;
      if (fits) left -= file.bytes;
      else {
        if (file.key !== key) left = 0;
        await this.removes(file.name);
      }
    }
  }

  private removeWhere(isMeant: (file: StateFile) => boolean): Promise<void> {
    return this.inTurn(undefined, async () => {
      for (const file of (await this.files()).filter(isMeant)) await this.removes(file.name);
    });
  }

  // What cannot be removed now is too old, damaged or over the limit the next time, too.
  private removes(name: string): Promise<void> {
    return this.folder.remove(name).catch(() => {});
  }

  private async files(): Promise<StateFile[]> {
    return newestFirst(await this.folder.list());
  }

  private inTurn<R>(refused: R, act: () => Promise<R>): Promise<R> {
    const result = this.last.then(act).catch(() => refused);
    this.last = result;
    return result;
  }
}
