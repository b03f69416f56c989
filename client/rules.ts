// What the settings of this browser ask for under the present conditions: the same for all its tabs.

import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { Surroundings } from './conditions.ts';
import { keepSettings, keptSettings, onSettingsElsewhere } from './settings.ts';
import { type Conditions, type Rule, ruleOf, type Settings } from './volunteer/settings.ts';

export class Rules {
  readonly settings: Signal<Settings> = signal(keptSettings());
  readonly conditions: ReadonlySignal<Conditions>;
  /** Changes only when what it asks for does. */
  readonly rule: ReadonlySignal<Rule>;
  private readonly surroundings = new Surroundings();
  private last: Rule | null = null;

  constructor() {
    this.conditions = this.surroundings.conditions;
    this.rule = computed(() => {
      const rule = ruleOf(this.settings.value, this.conditions.value);
      if (this.last === null || !isSame(this.last, rule)) this.last = rule;
      return this.last;
    });
    onSettingsElsewhere((settings) => {
      this.settings.value = settings;
    });
  }

  /** Keeps settings for all tabs and for later visits; in force at once. */
  change(change: Partial<Settings>): void {
    this.settings.value = { ...this.settings.value, ...change };
    keepSettings(this.settings.value);
  }

  /** Follows the clock, or no longer. */
  follow(isFollowed: boolean): void {
    this.surroundings.follow(isFollowed);
  }
}

const isSame = (a: Rule, b: Rule): boolean =>
  a.duty === b.duty && JSON.stringify(a.rest) === JSON.stringify(b.rest);
