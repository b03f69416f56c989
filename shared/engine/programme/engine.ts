import { isTrainedOnce } from '../../spec/timeline.ts';
import type { Engine } from '../engine.ts';
import { ProgrammeSession } from './session.ts';

/** An engine that also follows programmes, stops early and measures. What needs none of that is left to it untouched. */
export const withProgrammes = (engine: Engine): Engine => ({
  name: engine.name,
  device: engine.device,
  version: engine.version,
  refuses: (config) => engine.refuses(config),
  prepare: async (trainings) =>
    trainings.every(({ config }) => isTrainedOnce(config))
      ? engine.prepare(trainings)
      : ProgrammeSession.start(engine, trainings),
  ...(engine.peaks && { peaks: (bytes: number) => (engine.peaks as NonNullable<Engine['peaks']>)(bytes) }),
});
