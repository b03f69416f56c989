import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Entry,
  isEntry,
  KeptOutbox,
  type Outbox,
  type OutboxOptions,
  type OutboxStore,
} from './outbox.ts';
import { wholeFiles, writeWhole } from './whole-file-node.ts';

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
const sealed = (body: string) => `${digest(body)}\n${body}`;

/** The outbox of a terminal: one file per entry below the given folder, which is made when it is first needed. */
export function nodeOutbox<T>(folder: string, options: OutboxOptions<T>): Outbox<T> {
  return new KeptOutbox(new FolderStore(join(folder, 'outbox-1')), options);
}

class FolderStore implements OutboxStore {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async read(): Promise<{ entries: Entry<unknown>[]; damaged: number }> {
    const entries: Entry<unknown>[] = [];
    let damaged = 0;
    for (const name of await wholeFiles(this.folder)) {
      const path = join(this.folder, name);
      // Gone meanwhile, or not ours to read: not damaged.
      const text = await readFile(path, 'utf8').catch(() => null);
      if (text === null) continue;
      const entry = unsealed(text);
      if (entry) entries.push(entry);
      else {
        damaged++;
        await rm(path, { force: true }).catch(() => {});
      }
    }
    return { entries, damaged };
  }

  write(entry: Entry<unknown>): Promise<void> {
    const text = JSON.stringify(entry);
    return writeWhole(this.path(entry.key), sealed(text));
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) await rm(this.path(key), { force: true });
  }

  // Keys may hold anything, file names may not.
  private path(key: string): string {
    return join(this.folder, `${digest(key).slice(0, 32)}.json`);
  }
}

function unsealed(text: string): Entry<unknown> | null {
  const body = text.slice(65);
  if (text !== sealed(body)) return null;
  const entry: unknown = JSON.parse(body);
  return isEntry(entry) ? entry : null;
}
