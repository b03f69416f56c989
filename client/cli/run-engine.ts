import type { Engine } from '../../shared/engine/engine.ts';
import { candidatesOf } from '../engine/candidates.ts';
import { nodePlatform } from './platform-node.ts';
import { type EngineName, engineOf } from './run-pick.ts';

export interface EngineWish {
  engine: EngineName;
  /** Threads of wasm; null for as many as there are processors. */
  workers: number | null;
  /** Trains in Chromium instead of here. */
  browser: boolean;
}

export interface ChosenEngine {
  engine: Engine;
  /** How many runs to train at once. */
  replicas: number;
  end(): Promise<void>;
}

/** The engine a user asked for, or the one that is fastest here. Refuses in words what cannot be had. */
export async function pickEngine(wish: EngineWish, say: (words: string) => void): Promise<ChosenEngine> {
  if (wish.browser) {
    const { browserEngine } = await import('./run-browser.ts');
    return browserEngine(wish, say);
  }
  const chosen = await engineOf(wish.engine, candidatesOf(nodePlatform(wish.workers ?? undefined)));
  return { ...chosen, end: async () => undefined };
}
