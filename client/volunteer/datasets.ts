// The datasets that leased runs are made from: fetched once, checked by their digest, and kept by the device.

import { datasetsOfRun, tasksOfRun } from '../../shared/spec/datasets.ts';
import type { RunConfig } from '../../shared/spec/schema.ts';
import { taskRows } from '../../shared/tasks/index.ts';
import type { Datasets } from '../../shared/tasks/task.ts';
import type { FromWorker } from '../engine/messages.ts';
import type { LocalStates } from '../storage/local-states.ts';
import { telling } from '../words/telling.ts';
import type { Control } from './control.ts';
import type { Deliveries } from './deliveries.ts';
import { download } from './download.ts';
import type { WorkServer } from './server.ts';

/** What runs are made from is not there, or is not what their task says. */
export class UnusableDataset extends Error {}

export interface ShelfOptions {
  server: Pick<WorkServer, 'getDataset'>;
  deliveries: Pick<Deliveries, 'delayMs'>;
  /** Beyond the life of a tab or a program. */
  kept: LocalStates;
  report: (message: FromWorker) => void;
}

const keyOf = (digest: string) => `dataset.${digest}`;

export class DatasetShelf {
  private readonly options: ShelfOptions;
  private atHand = new Map<string, Uint8Array<ArrayBuffer>>();
  /** Tasks that were found to be as their datasets are. */
  private readonly checked = new Set<string>();

  constructor(options: ShelfOptions) {
    this.options = options;
  }

  /**
   * All that runs of one lease are made from. Null when the volunteer stopped it, or the server was out of reach for as
   * long as a lease lasts; throws UnusableDataset, and what the server refused.
   */
  async forRuns(
    configs: readonly RunConfig[],
    { control, leaseMs }: { control: Control; leaseMs: number },
  ): Promise<Datasets | null> {
    const found = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const digest of new Set(configs.flatMap(datasetsOfRun))) {
      // A turn of the loop: the lease is kept while this goes on.
      if (!(await control.go())) return null;
      const bytes = await this.one(digest, control, leaseMs);
      if (bytes === 'unreachable') return null;
      if (!bytes)
        throw new UnusableDataset(`the server has no dataset ${digest.slice(0, 12)}, or only a damaged one`);
      found.set(digest, bytes);
    }
    this.atHand = found;
    if (found.size > 0) for (const config of configs) this.check(config, found);
    return found;
  }

  private async one(digest: string, control: Control, leaseMs: number) {
    const { server, deliveries, kept, report } = this.options;
    const known = this.atHand.get(digest) ?? (await kept.load(keyOf(digest)));
    if (known) return known;
    const name = digest.slice(0, 12);
    report({ type: 'phase', phase: 'asking', words: telling().fetching(name) });
    const get = (wanted: string) => server.getDataset(wanted);
    const bytes = await download({ digest, get, leaseMs }, { deliveries, control });
    if (bytes && bytes !== 'unreachable') {
      const isKept = await kept.save(keyOf(digest), bytes);
      const { fetched } = telling();
      report({ type: 'note', words: fetched(name, (bytes.length / 1e6).toFixed(1), isKept) });
    }
    return bytes;
  }

  /** A file that is not what a task says is no fault of an engine: it is found before one begins. */
  private check(config: RunConfig, datasets: Datasets): void {
    for (const task of tasksOfRun(config)) {
      const key = JSON.stringify(task);
      if (this.checked.has(key)) continue;
      try {
        taskRows(task, datasets);
      } catch (error) {
        throw new UnusableDataset((error as Error).message);
      }
      this.checked.add(key);
    }
  }
}
