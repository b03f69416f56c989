// What the page and the volunteer's Web Worker say to each other.

import type { Evaluation } from '../../shared/engine/engine.ts';
import type { Preference } from '../../shared/work.ts';
import type { Rule } from '../volunteer/settings.ts';
import type { Trouble } from '../volunteer/trouble.ts';
import type { Language } from '../words/index.ts';
import type { Roof } from './roofline.ts';

export type ToWorker =
  | Start
  | { type: 'pause' }
  | { type: 'resume' }
  /** How much of the time to compute from now on, and whether at all. */
  | { type: 'rule'; rule: Rule }
  /** What to work for first, from the next unit on. */
  | { type: 'prefers'; prefers: Preference | null }
  /** Whether somebody looks at the network: then views of it are told. */
  | { type: 'show'; isWanted: boolean }
  /** Measure the engines anew, the training in hand waiting meanwhile. */
  | { type: 'measure' }
  /** Finish the runs or parts of runs in hand, deliver them, hand the rest back and stop. */
  | { type: 'finish' }
  /** Stop now: hand in how far the runs in hand are, and the unit back. */
  | { type: 'stop' }
  /** The network is back: what waits for it is tried at once. */
  | { type: 'online' }
  /** The network is gone: no answer is waited for that cannot come. */
  | { type: 'offline' };

export interface Start {
  type: 'start';
  token: string;
  deviceId: string;
  prefers: Preference | null;
  /** The choice of an engine that was kept on an earlier visit. */
  known: EngineChoice | null;
  rule: Rule;
  /** In which to write what is told in words. */
  language: Language;
  /** As by a later `show`. */
  isShown: boolean;
}

/** 'resting': the rule says so, and training goes on by itself when it no longer does. */
export type Phase =
  | 'choosing'
  | 'asking'
  | 'training'
  | 'waiting'
  | 'paused'
  | 'resting'
  | 'delivering'
  | 'stopped';

/** How one engine did in the benchmark. */
export interface EngineTrial {
  name: string;
  /** What it computes on, in words; null where it was not loaded. */
  device: string | null;
  /** Milliseconds per step and run, for ascending numbers of runs trained at once; empty where none was measured. */
  rates: { replicas: number; msPerStep: number }[];
  /** Why it is not used here, in words. */
  problem: string | null;
}

/** Which engine this device uses and why: plain data, to be kept and used on the next visit. */
export interface EngineChoice {
  engine: string;
  version: string;
  device: string;
  /** Runs it trains at once. */
  replicas: number;
  /** Milliseconds per step and run in the benchmark. */
  msPerStep: number;
  /** Floating-point operations per second of all runs together, by the cost of the spec. */
  flopsPerSecond: number;
  /** What the device could do at most; absent where that was not measured. */
  roof?: Roof;
  trials: EngineTrial[];
  measuredAtMs: number;
  /** Measured again where one of these differs: the release of the product and what the machine says it is. */
  release: string;
  machine: string;
}

/** A run that is being trained. */
export interface RunInHand {
  run: number;
  cell: number;
  seed: number;
  /** The searched parameters of the cell, in words. */
  label: string;
}

/** A part of runs that have several: its first and last step on the axis of the whole run. */
export interface LivePart {
  /** "part 2 of 3" */
  name: string;
  /** What is done before it trains and how it trains: "prune ...; train for 400 steps". */
  words: string;
  from: number;
  to: number;
}

/** Runs that are trained together, a replica each. */
export interface GroupInHand {
  sweepId: string;
  title: string;
  sweepRuns: number;
  runs: RunInHand[];
  /** What trains them; another may have been chosen for the next. */
  engine: string;
  device: string;
  /** What the fastest engine lacks for these runs, where another trains them. */
  because?: string;
  /** All parts together. */
  steps: number;
  /** Where they have several. */
  parts?: readonly LivePart[];
  threshold: number;
  /** The step they go on from. */
  from: number;
  /** Who kept where they stood: this device, or the server. Null at step 0. */
  keptBy: 'device' | 'server' | null;
  /** Their curves so far, from step 0 to `from`. */
  points: GroupPoint[];
}

/** An evaluation of every run in hand, in the order of the group; null for those that diverged. */
export interface GroupPoint {
  step: number;
  of: (Evaluation | null)[];
}

/** A run trained to its end, and what it reached when: steps of its judged part, counted from its beginning. */
export interface TrainedSummary {
  run: number;
  seed: number;
  label: string;
  /** How long it was watched: what it did not reach is later. */
  steps: number;
  tMem: number | null;
  tGen: number | null;
  /** Counted from the beginning of the run. */
  divergedAt: number | null;
}

/** A part of a run, handed over for another device to go on with. */
export interface HandedOver {
  run: number;
  seed: number;
  label: string;
  /** The step it got to, of so many. */
  to: number;
  steps: number;
}

export interface DeliveredRun {
  sweepId: string;
  run: number;
  /** It is not the whole run: another device goes on with it. */
  isPart: boolean;
  /** The step it got to. */
  to: number;
  verdict: 'accepted' | 'unneeded' | 'refused';
  message: string | null;
}

/** What the network in hand looks like inside, for drawing: of the first run of the group. */
export interface NetworkView {
  sweepId: string;
  run: number;
  step: number;
  /** How long it took to make, the wait for the device included. */
  tookMs: number;
  parameters: ViewedParameter[];
  /** Null where the task has no residues. */
  residues: ResidueView | null;
}

/** One matrix of parameters, thinned where it is larger than can be seen. */
export interface ViewedParameter {
  name: string;
  /** Of the whole matrix. */
  rows: number;
  columns: number;
  shownRows: number;
  shownColumns: number;
  values: Float32Array; // [shownRows, shownColumns]
  /** 1 kept, 0 pruned; null where nothing was pruned. */
  mask: Uint8Array | null; // [shownRows, shownColumns]
  /** The share of all its weights that is kept, 0 to 1; null where nothing was pruned. */
  kept: number | null;
}

/** Weights as functions of the residue 0 to p - 1 (shared/measures/signals.ts). */
export interface ResidueView {
  p: number;
  /** At most 128. */
  neurons: Float32Array[]; // [p] each
  of: 'embedding' | 'input';
}

/** How much of the time the engine has computed of late, pauses and rests left out: measured. */
export interface Busy {
  /** From 0 to 1. */
  share: number;
  /** How long it was watched, in milliseconds: at most a sliding window. */
  overMs: number;
}

export type FromWorker =
  /** `isStored`: it was measured on an earlier visit. `keep`: it is worth keeping for the next. */
  | { type: 'engine'; choice: EngineChoice; isStored: boolean; keep: boolean }
  /** An engine stopped working; what was kept of it is to be forgotten. */
  | { type: 'engine-failed'; engine: string }
  | { type: 'phase'; phase: Phase; words: string }
  /** `from`: the steps that the runs go on from, 0 for those begun here. */
  | {
      type: 'unit';
      sweepId: string;
      title: string;
      unit: number;
      runs: number[];
      from: number[];
      sweepRuns: number;
    }
  | ({ type: 'group' } & GroupInHand)
  /** New points of the curves. `msPerStep` is per step and run. */
  | { type: 'points'; points: GroupPoint[]; msPerStep: number }
  /** Where the runs stand, between two points: a few times a second. */
  | { type: 'step'; step: number; msPerStep: number }
  /** About once a second while it trains. */
  | ({ type: 'busy' } & Busy)
  /** At most once a second, while a show is wanted. */
  | { type: 'view'; view: NetworkView }
  | { type: 'trained'; sweepId: string; runs: TrainedSummary[] }
  /** Not at the server yet: `delivered` says when it is. */
  | { type: 'handed-over'; sweepId: string; runs: HandedOver[] }
  | { type: 'delivered'; runs: DeliveredRun[] }
  /** Worth a line among what happened, and nothing else. */
  | { type: 'note'; words: string }
  /** The server speaks a newer version: the page is to be loaded again. Nothing is lost by it. */
  | { type: 'reload'; words: string }
  | Problem;

export interface Problem {
  type: 'problem';
  words: string;
  fatal: boolean;
  /** The server's error code, where it was the server that refused. */
  code: string | null;
  /** What it is about; null where the words say it all, missing where only they can tell. */
  kind?: Trouble | null;
}
