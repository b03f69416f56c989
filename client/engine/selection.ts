// The engine in use: chosen, kept for the next visit, measured again on demand, and replaced when it fails.

import { trialWords } from '../format.ts';
import { type Choosing, type Chosen, chooseEngine, chosenBefore } from './choose.ts';
import type { EngineChoice, FromWorker } from './messages.ts';

export interface SelectionOptions extends Choosing {
  report: (message: FromWorker) => void;
}

export class Selection {
  private readonly options: SelectionOptions;
  private readonly broken = new Set<string>();
  private chosen: Chosen | null = null;

  constructor(options: SelectionOptions) {
    this.options = options;
  }

  /** What to compute with. There is something once `begin` has resolved. */
  get current(): Chosen {
    if (!this.chosen) throw new Error('no engine was chosen');
    return this.chosen;
  }

  /** How many engines have failed. */
  get failed(): number {
    return this.broken.size;
  }

  /** Takes the choice of an earlier visit where it still holds, else measures. Throws where no engine works. */
  async begin(known: EngineChoice | null): Promise<void> {
    this.chosen = known && (await chosenBefore(known, this.options));
    if (!this.chosen) await this.choose();
    else this.options.report({ type: 'engine', choice: this.chosen.choice, isStored: true, keep: false });
  }

  /** Chooses anew. Keeps the engine in use where nothing works; never throws. */
  async measure(): Promise<void> {
    await this.choose().catch((error: Error) =>
      this.options.report({ type: 'problem', words: error.message, fatal: false, code: null }),
    );
  }

  /** After the engine in use has failed: chooses among the others. Throws where none works. */
  async next(): Promise<void> {
    const { name } = this.current.engine;
    this.broken.add(name);
    this.options.report({ type: 'engine-failed', engine: name });
    await this.choose();
  }

  private async choose(): Promise<void> {
    const { report, candidates, fallbacks, machine } = this.options;
    report({ type: 'phase', phase: 'choosing', words: 'Measuring which engine is fastest on this device' });
    const works = ({ name }: { name: string }) => !this.broken.has(name);
    const outcome = await chooseEngine({
      candidates: candidates.filter(works),
      fallbacks: fallbacks.filter(works),
      machine,
    });
    const { chosen, trials, isLasting } = outcome;
    if (!chosen) throw new Error(`No engine works here. ${trials.map(trialWords).join('; ')}`);
    this.chosen = chosen;
    const keep = isLasting && this.broken.size === 0;
    report({ type: 'engine', choice: chosen.choice, isStored: false, keep });
  }
}
