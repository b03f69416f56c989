import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './kills-client.ts';
import { Told } from './kills-told.ts';
import { specOf } from './scheduler-curves.ts';
import { openHttp } from './scheduler-http.ts';
import type { BenchServer } from './scheduler-server.ts';
import { postSweep } from './scheduler-volunteer.ts';

const LOOK_MS = 250;
/** Share of a sweep's runs after which the next one is worked on. */
const ENOUGH = 0.8;

/** Clients of all kinds, who go on until they are stopped, whatever becomes of the server. */
export class Crowd {
  readonly told = new Told();
  readonly sweeps: string[] = [];
  private readonly server: BenchServer;
  private readonly sweepRuns: number;
  private readonly clients: Client[] = [];
  private isOver = false;
  private working: Promise<unknown> = Promise.resolve();

  constructor(server: BenchServer, sweepRuns: number) {
    this.server = server;
    this.sweepRuns = sweepRuns;
  }

  get size(): number {
    return this.clients.length;
  }

  /** Half of them speak over WebSockets. */
  async gather(clients: number): Promise<void> {
    await this.post();
    const link = openHttp(this.server.origin(), null);
    for (let i = 0; i < clients; i++) {
      const reply = await link.ask('/api/volunteers', '{}');
      const { token } = reply.body as { token: string };
      const kind = { usesSocket: i % 2 === 1, runsPerUnit: 1 + (i % 4) };
      this.clients.push(new Client({ ...kind, token, told: this.told }));
    }
    link.close();
  }

  start(): void {
    this.isOver = false;
    this.working = Promise.all([...this.clients.map((client) => this.keep(client)), this.supply()]);
  }

  /** Lets everybody finish what they are at. */
  async stop(): Promise<void> {
    this.isOver = true;
    await this.working;
    for (const client of this.clients) client.close();
  }

  /** From now on nobody hands back or vanishes, and no sweep is added. */
  becomeHonest(): void {
    for (const client of this.clients) client.isHonest = true;
  }

  private async keep(client: Client): Promise<void> {
    client.connect(this.server.origin());
    while (!this.isOver) {
      try {
        await client.act();
      } catch {
        this.told.counts.lost++;
        await sleep(LOOK_MS * (0.5 + Math.random()));
        client.connect(this.server.origin());
      }
    }
  }

  private async supply(): Promise<void> {
    while (!this.isOver && !this.clients[0]?.isHonest) {
      const used = this.told.bySweep().get(this.told.sweepId ?? '')?.length ?? 0;
      if (used > ENOUGH * this.sweepRuns) await this.post().catch(() => {});
      await sleep(LOOK_MS);
    }
  }

  private async post(): Promise<void> {
    const name = `kills-${this.sweeps.length}`;
    const id = await postSweep(
      this.server.origin(),
      this.server.token,
      specOf(name, this.sweepRuns, 'large'),
    );
    this.sweeps.push(id);
    this.told.sweepId = id;
  }
}
