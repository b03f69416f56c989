import { type Glimpse, glimpse, type LocalStates, SealedStates, type StateFolder } from './local-states.ts';

// The half of a file handle that only a dedicated worker has.
interface SyncAccess {
  write(bytes: Uint8Array, options: { at: number }): number;
  flush(): void;
  close(): void;
}
type WorkerFile = FileSystemFileHandle & { createSyncAccessHandle?: () => Promise<SyncAccess> };

const FOLDER = 'tabgrad-states-1';

/**
 * The states this browser keeps, in the origin private file system. Made for a dedicated worker, slower elsewhere;
 * keeps nothing, and says so at every save, where there is no such file system (plain http, some private windows).
 */
export function browserLocalStates({
  folder = FOLDER,
  bytesMax,
}: {
  folder?: string;
  bytesMax?: number;
} = {}): LocalStates {
  return new SealedStates(new OriginFolder(folder), bytesMax);
}

/** What those states begin with. Changes nothing, works on a page too; rejects where they cannot be read. */
export async function peekLocalStates(headBytes: number, folder = FOLDER): Promise<Glimpse[]> {
  const root = await navigator.storage.getDirectory();
  const files = [];
  for await (const handle of (await root.getDirectoryHandle(folder)).values()) {
    if (handle.kind !== 'file') continue;
    // One that cannot be opened may be gone by now, or half made.
    const file = await (handle as FileSystemFileHandle).getFile().catch(() => null);
    const head = async (bytes: number) =>
      new Uint8Array((await file?.slice(0, bytes).arrayBuffer()) ?? new ArrayBuffer(0));
    if (file) files.push({ name: handle.name, bytes: file.size, head });
  }
  return glimpse(files, headBytes);
}

class OriginFolder implements StateFolder {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async list(): Promise<{ name: string; bytes: number }[]> {
    const found = [];
    for await (const [name, handle] of await this.open()) {
      if (handle.kind !== 'file') continue;
      // One that cannot be opened may be gone by now, or half made: its name still counts.
      const file = await (handle as FileSystemFileHandle).getFile().catch(() => null);
      found.push({ name, bytes: file?.size ?? 0 });
    }
    return found;
  }

  async read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const handle = await (await this.open()).getFileHandle(name);
    return new Uint8Array(await (await handle.getFile()).arrayBuffer());
  }

  async write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const handle: WorkerFile = await (await this.open()).getFileHandle(name, { create: true });
    if (!handle.createSyncAccessHandle) {
      const stream = await handle.createWritable();
      await stream.write(bytes);
      return stream.close();
    }
    const access = await handle.createSyncAccessHandle();
    try {
      if (access.write(bytes, { at: 0 }) < bytes.length) throw new Error('the disk is full');
      access.flush();
    } finally {
      access.close();
    }
  }

  async remove(name: string): Promise<void> {
    await (await this.open()).removeEntry(name);
  }

  // Asked for each time: the volunteer may have cleared the site's data since.
  private async open(): Promise<FileSystemDirectoryHandle> {
    const root = await navigator.storage.getDirectory();
    return root.getDirectoryHandle(this.folder, { create: true });
  }
}
