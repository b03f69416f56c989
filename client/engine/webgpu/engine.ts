// Trains on the graphics processor through WebGPU: a step is a few dispatches for all replicas at once.

import { strideOf } from '../../../shared/engine/differentiate.ts';
import type { Engine, Peaks, Training } from '../../../shared/engine/engine.ts';
import { refusalOf } from '../../../shared/engine/needs.ts';
import { makePlan, type Plan } from '../../../shared/engine/plan.ts';
import { checkShapes, replicaOf } from '../../../shared/engine/replica.ts';
import { modelGraph } from '../../../shared/models/index.ts';
import type { RunConfig } from '../../../shared/spec/schema.ts';
import { WEBGPU_CAN } from './can.ts';
import { type Blueprint, blueprint, Compiler } from './compile.ts';
import type { Member } from './data.ts';
import { type Machine, openDevice } from './device.ts';
import { Group } from './group.ts';
import { SUBMISSION_MS } from './pace.ts';
import { devicePeaks } from './peaks.ts';
import { WebGpuSession } from './session.ts';
import { HARDWARE, SOFTWARE, type Tuning } from './wgsl/tuning.ts';

/** Changes whenever what is computed may. */
const VERSION = '1';

const MIB = 1024 ** 2;
/** More for one workgroup leaves too few of them running at once. */
const WORKGROUP_BYTES_MAX = 32 * 1024;

/** The engine on the best adapter there is. Throws Unavailable where there is none. */
export async function webgpuEngine(gpu: GPU, tuning?: Tuning): Promise<WebGpuEngine> {
  return new WebGpuEngine(gpu, await openDevice(gpu), tuning);
}

export class WebGpuEngine implements Engine {
  readonly name = 'webgpu';
  readonly version = VERSION;
  private readonly gpu: GPU;
  private machine: Machine;
  private compiler: Compiler;
  private readonly tuning: Tuning;
  private submissionMs = SUBMISSION_MS;

  /** Tuned for the device unless `tuning` is given. */
  constructor(gpu: GPU, machine: Machine, tuning?: Tuning) {
    this.gpu = gpu;
    this.tuning = tuning ?? (machine.isSoftware ? SOFTWARE : HARDWARE);
    this.machine = machine;
    this.compiler = new Compiler(machine.device);
  }

  get device(): string {
    return this.machine.words;
  }

  refuses(config: RunConfig): string | null {
    return refusalOf(config, WEBGPU_CAN);
  }

  async peaks(bytes: number): Promise<Peaks> {
    const { machine } = this;
    return machine.unlessLost(devicePeaks(machine.device, bytes));
  }

  async prepare(trainings: readonly Training[]): Promise<WebGpuSession> {
    if (this.machine.lost) {
      this.machine = await openDevice(this.gpu);
      this.compiler = new Compiler(this.machine.device);
      // Perhaps it was too much at once; perhaps the machine only slept.
      this.submissionMs = Math.max(SUBMISSION_MS / 4, this.submissionMs / 2);
    }
    const { machine } = this;
    const { members, plan } = membersOf(trainings);
    const [{ task, trainRows }] = members as [Member];
    const design = blueprint({
      plan,
      trainRows,
      taskRows: task.rows,
      form: {
        hasMasks: members.some(({ masks }) => masks?.some((mask) => mask !== null)),
        hasL1: members.some(({ optimizer }) => optimizer.l1 !== undefined),
        hasSchedule: members.some(({ optimizer }) => optimizer.schedule !== undefined),
      },
      tuning: this.tuning,
      workgroupBytes: Math.min(WORKGROUP_BYTES_MAX, machine.device.limits.maxComputeWorkgroupStorageSize),
    });
    const perGroup = replicasThatFit(design, members, machine.device.limits);
    return machine.unlessLost(
      guarded(machine.device, async () => {
        const [train, evaluate] = await Promise.all([
          this.compiler.compile(design.train),
          this.compiler.compile(design.evaluate),
        ]);
        const place = { device: machine.device, layout: this.compiler.bindings };
        const groups: Group[] = [];
        for (let first = 0; first < members.length; first += perGroup) {
          const some = members.slice(first, first + perGroup);
          groups.push(new Group(place, { plan, blueprint: design }, some));
        }
        return new WebGpuSession({
          machine,
          plan,
          blueprint: design,
          train,
          evaluate,
          groups,
          trainRows,
          taskRows: task.rows,
          variances: members.map(({ variance }) => variance),
          submissionMs: this.submissionMs,
        });
      }),
    );
  }
}

function membersOf(trainings: readonly Training[]): { members: Member[]; plan: Plan } {
  const [first] = trainings;
  if (!first) throw new Error('there is nothing to train');
  checkShapes(trainings);
  const tasks = new Map<string, Member['task']>();
  const members = trainings.map((training): Member => {
    const replica = replicaOf(training);
    const key = JSON.stringify(training.config.task);
    const known = tasks.get(key) ?? replica.task;
    tasks.set(key, known);
    // Labels may be a run's own; everything else is shared.
    const { targets } = replica.task;
    const isSame = targets.every((target, row) => target === known.targets[row]);
    const task = isSame ? known : { ...known, targets };
    const { optimizer } = training.config;
    return { ...replica, task, seed: training.seed, optimizer, masks: training.masks ?? null };
  });
  const [{ task, trainRows }] = members as [Member];
  if (members.some((member) => member.trainRows !== trainRows))
    throw new Error('runs trained together must have equally many training rows');
  const { model, train, loss, optimizer } = first.config;
  const batch = train.batch ?? trainRows;
  if (batch > trainRows) throw new Error(`batches of ${batch} rows; there are ${trainRows} to train on`);
  const plan = makePlan(modelGraph(model, task), {
    ...{ batch, loss: loss.kind, optimizer: optimizer.kind },
    ...(first.frozen ? { frozen: first.frozen } : {}),
  });
  return { members, plan };
}

/** How many replicas share buffers. Throws where not even one fits. */
function replicasThatFit(
  { state, workSize, lists }: Blueprint,
  members: readonly Member[],
  limits: GPUSupportedLimits,
): number {
  const [{ task }] = members as [Member];
  const listWords = (lists ?? []).reduce((sum, { tableRows }) => sum + tableRows + 1 + 2 * task.rows, 0);
  const targetWords = task.values ? strideOf(task.classes) : 1;
  const sharedBytes = 4 * task.rows * (task.tokensPerRow + task.features + targetWords);
  const replicaBytes = Math.max(16 * state.total, 16 * workSize, 4 * (task.rows + listWords) + sharedBytes);
  const limit = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const fitting = Math.floor(limit / replicaBytes);
  if (fitting < 1)
    throw new Error(
      `one replica needs ${Math.ceil(replicaBytes / MIB)} MiB at a stretch; this graphics device allows ${Math.floor(limit / MIB)} MiB`,
    );
  return Math.min(fitting, members.length, limits.maxComputeWorkgroupsPerDimension);
}

/** Makes a session, and turns what the device has against it into an Error. */
async function guarded(device: GPUDevice, act: () => Promise<WebGpuSession>): Promise<WebGpuSession> {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  let result: WebGpuSession;
  try {
    result = await act();
  } catch (error) {
    await Promise.all([device.popErrorScope(), device.popErrorScope()]).catch(() => undefined);
    throw error;
  }
  const [invalid, full] = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
  if (full || invalid) result.dispose();
  if (full) throw new Error('the graphics device has not enough memory for this run');
  if (invalid) throw new Error(`the graphics device refuses this run: ${invalid.message}`);
  return result;
}
