// The engine in use: chosen, kept for the next visit, measured again on demand, and replaced when it fails. Runs that the
// fastest one refuses are trained by the best of the others that does not.

import type { RunConfig } from '../../shared/spec/schema.ts';
import { trialWords } from '../format.ts';
import { Troubled } from '../volunteer/trouble.ts';
import { telling } from '../words/telling.ts';
import { type Choosing, type Chosen, chooseEngine, chosenBefore, type EngineInUse } from './choose.ts';
import type { EngineChoice, FromWorker } from './messages.ts';
import { lacks, NoEngine, Others } from './others.ts';

export interface SelectionOptions extends Choosing {
  report: (message: FromWorker) => void;
}

export class Selection {
  private readonly options: SelectionOptions;
  private readonly broken = new Set<string>();
  private readonly others: Others;
  private chosen: Chosen | null = null;
  private picked: EngineInUse | null = null;
  private told: string | null = null;

  constructor(options: SelectionOptions) {
    this.options = options;
    this.others = new Others([...options.candidates, ...options.fallbacks]);
  }

  /** What was found to be the fastest, and how it did. There is something once `begin` has resolved. */
  get choice(): EngineChoice {
    return this.fastest.choice;
  }

  /** What trains, or trained last; the fastest before anything does. */
  get current(): EngineInUse {
    if (this.picked) return this.picked;
    const { engine, choice } = this.fastest;
    return { engine, replicas: choice.replicas };
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
      this.options.report({
        type: 'problem',
        words: error.message,
        fatal: false,
        code: null,
        kind: 'noEngine',
      }),
    );
  }

  /**
   * Makes sure that there is an engine for runs of a configuration; says so where it is not the fastest one. Measures
   * nothing. Throws NoEngine.
   */
  async suit(config: RunConfig): Promise<void> {
    const lacking = lacks(this.fastest.engine, config);
    let said: string | null = null;
    if (lacking !== null) {
      const found = await this.others.find(config, this.skipped, this.choice, lacking);
      said = telling().otherEngine(found.name, lacking);
    }
    if (said !== null && said !== this.told) this.options.report({ type: 'note', words: said });
    this.told = said;
  }

  /** What trains runs of a configuration from now on. Throws NoEngine where `suit` has not found anything for it. */
  pick(config: RunConfig): EngineInUse {
    const { engine, choice } = this.fastest;
    const because = lacks(engine, config);
    const other = because === null ? null : this.others.known(config, this.skipped, choice);
    if (because === null) this.picked = { engine, replicas: choice.replicas };
    else if (other) this.picked = { ...other, because };
    else throw new NoEngine('no engine was found for these runs');
    return this.picked;
  }

  /** After the engine in use has failed: chooses among the others. Throws where none works. */
  async next(): Promise<void> {
    const { name } = this.current.engine;
    this.broken.add(name);
    this.picked = null;
    // Another one than the fastest was in use for what that refuses: it goes on with everything else.
    if (name !== this.fastest.engine.name) return;
    this.options.report({ type: 'engine-failed', engine: name });
    await this.choose();
  }

  private get fastest(): Chosen {
    if (!this.chosen) throw new Error('no engine was chosen');
    return this.chosen;
  }

  private get skipped(): ReadonlySet<string> {
    return new Set([...this.broken, this.fastest.engine.name]);
  }

  private async choose(): Promise<void> {
    const { report, candidates, fallbacks, machine } = this.options;
    report({ type: 'phase', phase: 'choosing', words: telling().phases.choosing });
    const works = ({ name }: { name: string }) => !this.broken.has(name);
    const outcome = await chooseEngine({
      candidates: candidates.filter(works),
      fallbacks: fallbacks.filter(works),
      machine,
    });
    const { chosen, trials, isLasting } = outcome;
    if (!chosen)
      throw new Troubled(telling().mishaps.noEngine(trials.map(trialWords).join('; ')), 'noEngine');
    // Runs in hand go on with the one before, where this one refuses them.
    if (this.chosen) this.others.keep(this.chosen.engine);
    this.chosen = chosen;
    const keep = isLasting && this.broken.size === 0;
    report({ type: 'engine', choice: chosen.choice, isStored: false, keep });
  }
}
