// Runs with programmes, several of one shape in step with one another: windows of training by the engine inside, and what
// lies between them, before them and besides.

import { modelGraph } from '../../models/index.ts';
import type { RunConfig } from '../../spec/schema.ts';
import { configAt, type Timeline, timelineOf, type Window } from '../../spec/timeline.ts';
import { taskSize } from '../../tasks/index.ts';
import type { Engine, Evaluation, RunLog, Session, Training } from '../engine.ts';
import { checkShapes } from '../replica.ts';
import { encodeSnapshot } from '../snapshot.ts';
import { ages, frozenAt } from './age.ts';
import { encodeProgrammeCheckpoint, type ProgrammeCheckpoint } from './checkpoint.ts';
import { beginCourse, type Course, hasFinite } from './course.ts';
import { atStep, withWeights } from './inner.ts';
import { bothMasks, type Masks, masked } from './masks.ts';
import { Gauge, type Look, seen } from './measuring.ts';
import { firstScores } from './popup.ts';
import { putBack, readCheckpoint } from './restore.ts';
import { type Schedule, scheduleOf } from './schedule.ts';
import { beginStop, judged } from './stop.ts';
import { isLongBefore, operate } from './surgery.ts';

/** Evaluations by step; null where one is wanted and not made yet. Ascending. */
type Found = Map<number, Evaluation[] | null>;

/** A window that is being trained. */
interface Open {
  index: number;
  window: Window;
  inner: Session;
  /** The configuration in force of each replica. */
  configs: readonly RunConfig[];
  schedule: Schedule;
  gauge: Gauge;
}

export class ProgrammeSession implements Session {
  stepsDone = 0;
  /** The last step at which everything was looked at that was to be. */
  private looked = -1;
  private readonly engine: Engine;
  private readonly courses: readonly Course[];
  private readonly timeline: Timeline;
  private readonly ages: readonly number[];
  private open!: Open;
  /** What it prunes by scores before the first window is not pruned yet: a session that is restored needs none of it. */
  private isDraft = false;

  private constructor(engine: Engine, trainings: readonly Training[]) {
    const { config } = trainings[0] as Training;
    this.engine = engine;
    this.timeline = timelineOf(config);
    this.ages = ages(config, this.timeline);
    const graph = modelGraph(config.model, taskSize(config.task));
    this.courses = trainings.map((training) => beginCourse(training, graph, this.timeline.windows.length));
  }

  /** Throws an Error in plain words where the trainings do not fit, or a parent's snapshot does not. */
  static async start(engine: Engine, trainings: readonly Training[]): Promise<ProgrammeSession> {
    checkShapes(trainings);
    const session = new ProgrammeSession(engine, trainings);
    session.isDraft = isLongBefore(session.timeline);
    session.operate(0, session.placeOf(session.timeline.windows[0]));
    await session.begin(0, null);
    return session;
  }

  /** Does what takes long before the first window: a session that is restored never gets here. */
  private async settle(): Promise<void> {
    if (!this.isDraft) return;
    this.isDraft = false;
    for (const course of this.courses)
      Object.assign(course, beginCourse(course.training, course.graph, this.timeline.windows.length));
    this.open.inner.dispose();
    this.operate(0, this.placeOf(this.timeline.windows[0]));
    await this.begin(0, null);
  }

  get replicas(): number {
    return this.courses.length;
  }

  async advance(until: number, evaluateAt: readonly number[]): Promise<Evaluation[][]> {
    await this.settle();
    const found: Found = new Map(evaluateAt.map((step) => [step, null]));
    await this.trainTo(Math.min(until, this.open.window.to), found);
    while (until > this.open.window.to) {
      await this.cross();
      await this.trainTo(Math.min(until, this.open.window.to), found);
    }
    if (until === this.timeline.lastStep) await this.close();
    return evaluateAt.map((step) => found.get(step) as Evaluation[]);
  }

  async weights(replica: number): Promise<Float32Array[]> {
    await this.settle();
    return (await this.look(replica)).weights;
  }

  async masks(replica: number): Promise<Masks> {
    await this.settle();
    return (await this.masksOf(replica)).map((mask) => mask?.slice() ?? null);
  }

  logOf(replica: number): RunLog {
    const { log, stops } = this.course(replica);
    return { measured: [...log], stops: [...stops] };
  }

  /** Null, too, where its weights are no finite numbers. */
  snapshot(replica: number, name: string): Uint8Array | null {
    const snapshot = this.isDraft ? null : this.course(replica).snapshots.get(name);
    return snapshot && hasFinite(snapshot.weights) ? encodeSnapshot(snapshot) : null;
  }

  async save(replica: number): Promise<Uint8Array> {
    await this.settle();
    const course = this.course(replica);
    const { masks, snapshots, kept, memorised, previous, before, progress, held, stops } = course;
    return encodeProgrammeCheckpoint({
      step: this.stepsDone,
      inner: await this.saved(replica),
      ...{ masks, memorised, previous, before, progress, stops },
      snapshots: [...snapshots].map(([name, snapshot]) => ({ name, snapshot })),
      kept: [...kept].map(([step, of]) => ({ step, weights: of })),
      held: held && { evaluation: held.evaluation, weights: held.weights, masks: held.masks },
    });
  }

  async restore(checkpoints: readonly Uint8Array[]): Promise<void> {
    if (checkpoints.length !== this.replicas)
      throw new Error(`${checkpoints.length} checkpoints for ${this.replicas} replicas`);
    const read = checkpoints.map((bytes, r) =>
      readCheckpoint(bytes, this.course(r).training.config, this.timeline),
    );
    const { step } = read[0] as ProgrammeCheckpoint;
    if (read.some((one) => one.step !== step)) throw new Error('the checkpoints are of different steps');
    const index = this.timeline.windows.findIndex(({ to }) => step <= to);
    this.isDraft = false;
    this.open.inner.dispose();
    read.forEach((one, r) => {
      putBack(this.course(r), one);
    });
    await this.begin(
      index,
      read.map(({ inner }) => inner),
    );
    this.stepsDone = step;
    this.looked = step;
  }

  dispose(): void {
    this.open.inner.dispose();
  }

  /** Trains within the window, and looks at the runs wherever that is due. */
  private async trainTo(to: number, found: Found): Promise<void> {
    for (let due = this.nextDue(to); due !== null; due = this.nextDue(to)) {
      await this.innerTo(due, found);
      await this.lookAt(due, found.get(due) ?? null);
      this.looked = due;
    }
    await this.innerTo(to, found);
    this.looked = Math.max(this.looked, to);
  }

  private nextDue(to: number): number | null {
    const { schedule } = this.open;
    const { measured, before, kept } = schedule;
    const isDue = (step: number) =>
      measured.has(step) || before.has(step) || kept.has(step) || this.isJudged(step);
    return schedule.steps.find((step) => step > this.looked && step <= to && isDue(step)) ?? null;
  }

  private isJudged(step: number): boolean {
    const { schedule, window } = this.open;
    if (!schedule.grid.has(step)) return false;
    const { measures } = this.course(0).training.config;
    const stops = window.stop !== null && this.courses.some(({ held }) => held === null);
    return stops || (measures !== undefined && this.courses.some(({ memorised }) => memorised === null));
  }

  /** Has the engine train to a step of the window, and evaluate where it is wanted on the way and, if judged, there. */
  private async innerTo(step: number, found: Found): Promise<void> {
    const wanted = [...found]
      .filter(([at, of]) => of === null && at >= this.stepsDone && at <= step)
      .map(([at]) => at);
    if (this.isJudged(step) && step > this.looked && !found.get(step) && wanted.at(-1) !== step)
      wanted.push(step);
    const { inner } = this.open;
    const isHeld = this.courses.every(({ held }) => held !== null);
    if (!isHeld && (wanted.length > 0 || step > this.stepsDone)) {
      const evaluations = await inner.advance(
        this.innerStep(step),
        wanted.map((at) => this.innerStep(at)),
      );
      wanted.forEach((at, i) => {
        found.set(at, evaluations[i] as Evaluation[]);
      });
    }
    for (const at of wanted) {
      const fresh = found.get(at);
      found.set(
        at,
        this.courses.map(({ held }, r) => held?.evaluation ?? (fresh?.[r] as Evaluation)),
      );
    }
    this.stepsDone = step;
  }

  /** What is only looked at stays where it is. */
  private innerStep(step: number): number {
    const { index, window } = this.open;
    return (this.ages[index] as number) + (window.phase === null ? 0 : step - window.from);
  }

  private async lookAt(step: number, evaluations: readonly Evaluation[] | null): Promise<void> {
    const { schedule } = this.open;
    const isJudged = this.isJudged(step);
    for (const [r, course] of this.courses.entries()) {
      if (isJudged) await this.judge(r, step, evaluations?.[r] as Evaluation);
      if (schedule.kept.has(step)) course.kept.set(step, await this.raw(r));
      if (schedule.measured.has(step)) await this.measure(r, step);
      if (schedule.before.has(step)) course.before = { step, weights: (await this.look(r)).weights };
    }
  }

  private async judge(replica: number, step: number, evaluation: Evaluation): Promise<void> {
    const course = this.course(replica);
    const { threshold, measures } = course.training.config;
    const { index, window } = this.open;
    const isThere = Math.fround(evaluation.trainAccuracy) >= Math.fround(threshold);
    if (measures && course.memorised === null && isThere)
      course.memorised = (await this.look(replica)).weights;
    if (window.stop === null || course.held !== null) return;
    const { progress, ends } = judged(course.progress, window.stop, {
      step: step - window.from,
      ...{ evaluation, threshold },
    });
    course.progress = progress;
    if (!ends || step === window.to) return;
    const checkpoint = await this.saved(replica);
    course.held = {
      evaluation,
      weights: await this.raw(replica),
      masks: await this.masksOf(replica),
      checkpoint,
    };
    course.stops[index] = step;
  }

  private async measure(replica: number, step: number): Promise<void> {
    const course = this.course(replica);
    const look = await this.look(replica);
    const values = this.open.gauge.values(course, { config: this.configOf(replica), step, look });
    course.log.push({ step, values });
    course.previous = { step, weights: look.weights };
  }

  /** From the end of a window over the surgery to the beginning of the next. */
  private async cross(): Promise<void> {
    const { index, inner, window } = this.open;
    const isKept = this.ages[index + 1] !== 0;
    const checkpoints: Uint8Array[] = [];
    for (const [r, course] of this.courses.entries()) {
      if (isKept) checkpoints.push(await this.saved(r));
      [course.weights, course.masks] = [await this.raw(r), await this.masksOf(r)];
      Object.assign(course, { held: null, previous: null, before: null, progress: beginStop() });
    }
    inner.dispose();
    this.operate((window.phase ?? 0) + 1, this.placeOf(this.timeline.windows[index + 1]));
    const step = this.ages[index + 1] as number;
    const kept = checkpoints.map((bytes, r) => {
      const { weights, masks } = this.course(r);
      return withWeights(bytes, { weights, masks, step });
    });
    await this.begin(index + 1, isKept ? kept : null);
  }

  /** Snapshots at the very end take nothing further: they are of the last window. */
  private async close(): Promise<void> {
    const rest = this.timeline.phases.slice(this.placeOf(this.open.window) + 1);
    for (const phase of rest)
      for (const [r, course] of this.courses.entries())
        if (phase.kind === 'snapshot') course.snapshots.set(phase.name, await this.look(r));
  }

  private operate(from: number, to: number): void {
    const { phases, windows } = this.timeline;
    const isBefore = to <= this.placeOf(windows[0]);
    for (const course of this.courses)
      for (let place = from; place < to; place++)
        operate(course, { phases, place, isBefore, isDraft: this.isDraft });
  }

  private placeOf = (window: Window | undefined): number => window?.phase ?? this.timeline.phases.length;

  /** Has the engine load the runs as they are at the beginning of a window, or as it saved them in it. */
  private async begin(index: number, checkpoints: readonly Uint8Array[] | null): Promise<void> {
    const window = this.timeline.windows[index] as Window;
    const { phases } = this.timeline;
    const place = this.placeOf(window);
    const configs = this.courses.map(({ training }) => configAt(training.config, phases, place));
    const frozen = frozenAt(phases, place);
    const inner = await this.engine.prepare(
      this.courses.map((course, r) => {
        const { parents: _, ...training } = course.training;
        const phase = phases[place];
        return {
          ...training,
          config: configs[r] as RunConfig,
          weights: masked(course.weights, course.masks),
          masks: course.masks,
          ...(frozen.length > 0 && { frozen }),
          ...(phase?.kind === 'edge-popup' && {
            popup: { phase, scores: firstScores(course, phase, frozen) },
          }),
        };
      }),
    );
    const { config } = this.course(0).training;
    const schedule = scheduleOf(config, this.timeline, window);
    this.open = { ...{ index, window, inner, configs, schedule }, gauge: new Gauge() };
    if (checkpoints) await inner.restore(checkpoints);
    this.stepsDone = window.from;
    this.looked = window.from - 1;
  }

  /** A replica's checkpoint of the engine inside. */
  private async saved(replica: number): Promise<Uint8Array> {
    const { held } = this.course(replica);
    return held ? atStep(held.checkpoint, this.innerStep(this.stepsDone)) : this.open.inner.save(replica);
  }

  /** Current weights, as the engine has them. */
  private async raw(replica: number): Promise<Float32Array[]> {
    return this.course(replica).held?.weights ?? this.open.inner.weights(replica);
  }

  private async masksOf(replica: number): Promise<Masks> {
    const { held, masks } = this.course(replica);
    if (held) return held.masks;
    const isPopup = this.timeline.phases[this.placeOf(this.open.window)]?.kind === 'edge-popup';
    const popup = isPopup ? await this.open.inner.popup?.(replica) : undefined;
    return popup ? bothMasks(masks, popup.masks) : masks;
  }

  private async look(replica: number): Promise<Look> {
    return seen(await this.raw(replica), await this.masksOf(replica));
  }

  private configOf = (replica: number): RunConfig => this.open.configs[replica] as RunConfig;

  private course(replica: number): Course {
    const course = this.courses[replica];
    if (!course) throw new Error(`there is no replica ${replica}`);
    return course;
  }
}
