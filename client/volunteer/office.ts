import type { FromWorker } from '../engine/messages.ts';
import type { Control } from './control.ts';
import { DatasetShelf } from './datasets.ts';
import { Deliveries } from './deliveries.ts';
import { type Keeping, ownerOf } from './keeping.ts';
import { LocalRuns } from './local-runs.ts';
import { type Identity, type WorkServer, workServer } from './server.ts';
import { type SocketOptions, withSocket } from './socket-server.ts';
import type { Worry } from './trouble.ts';
import { LEAVE_MS } from './volunteer.ts';

/** Everything a volunteer needs that outlives its engines. */
export interface Office {
  server: WorkServer;
  deliveries: Deliveries;
  local: LocalRuns;
  datasets: DatasetShelf;
  /** Gives up the line to the server, so that nothing waits for an answer on it; the next question opens another. */
  hangUp(): void;
  /** A last try with what is not delivered yet; never rejects. */
  close(control: Control): Promise<void>;
}

export interface OfficeOptions {
  origin: string;
  identity: Identity;
  report: (message: FromWorker) => void;
  socket: SocketOptions['open'];
  keeping: (onTrouble: Worry) => Keeping;
}

export function openOffice({ origin, identity, report, socket, keeping }: OfficeOptions): Office {
  const server = withSocket(workServer(origin, identity), identity, { open: socket });
  const say: Worry = (words, kind) => report({ type: 'problem', words, fatal: false, code: null, kind });
  const kept = keeping((words, kind) => {
    deliveries.isAtRisk = true;
    say(words, kind);
  });
  const local = new LocalRuns(kept.inHand, say);
  const deliveries: Deliveries = new Deliveries({
    ...{ server, keeping: kept, owner: ownerOf(identity.token), report },
    onVerdict: (result) => local.remove(result, result.run),
  });
  const datasets = new DatasetShelf({ server, deliveries, kept: kept.datasets, report });
  return {
    ...{ server, deliveries, local, datasets },
    hangUp: () => server.close(),
    close: async (control) => {
      await deliveries.flush(control, LEAVE_MS).catch(() => undefined);
      server.close();
    },
  };
}
