import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type LocalStates, SealedStates, type StateFolder } from './local-states.ts';
import { wholeFiles, writeWhole } from './whole-file-node.ts';

/** The states a terminal keeps, below the given folder, which is made when it is first needed. */
export function nodeLocalStates(folder: string, { bytesMax }: { bytesMax?: number } = {}): LocalStates {
  return new SealedStates(new DiskFolder(join(folder, 'states-1')), bytesMax);
}

class DiskFolder implements StateFolder {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async list(): Promise<{ name: string; bytes: number }[]> {
    const names = await wholeFiles(this.folder);
    const sizes = names.map((name) =>
      stat(join(this.folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
    const bytes = await Promise.all(sizes);
    return names.map((name, i) => ({ name, bytes: bytes[i] ?? 0 }));
  }

  async read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    // A buffer of its own, so that the state in it is aligned.
    return new Uint8Array(await readFile(join(this.folder, name)));
  }

  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return writeWhole(join(this.folder, name), bytes);
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.folder, name), { force: true });
  }
}
