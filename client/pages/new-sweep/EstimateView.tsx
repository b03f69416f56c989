import { useMemo } from 'preact/hooks';
import type { Sweep } from '../../../shared/spec/sweep.ts';
import { getHome, getRun } from '../../api.ts';
import { Facts } from '../../components/Facts.tsx';
import { amount, duration, flops } from '../../format.ts';
import { useFetched } from '../use-fetched.ts';
import { estimate } from './estimate.ts';

/** What the valid spec amounts to, and how long it would take at a speed some device really claimed. */
export function EstimateView({ sweep }: { sweep: Sweep }) {
  const cost = useMemo(() => estimate(sweep), [sweep]);
  const { value: speed } = useFetched('speed', latestSpeed);
  const about = cost.isExact ? '' : 'about ';
  return (
    <>
      <h2>A valid spec</h2>
      <Facts
        facts={[
          ['runs', amount(cost.runs)],
          ['cells', amount(cost.cells)],
          ['training steps', about + amount(cost.steps)],
          ['parameters per network', `${sweep.cells > 1 ? 'up to ' : ''}${amount(cost.parametersMax)}`],
          ['work in all', about + flops(cost.flops)],
          [
            'on one device',
            speed ? `about ${duration((1000 * cost.flops) / speed.flopsPerSecond)}` : 'not known yet',
          ],
        ]}
      />
      <p class="small">
        {speed ? (
          <>
            At {flops(speed.flopsPerSecond)}/s, as the device of <a href={speed.href}>this run</a> claimed
            with {speed.engine}. Larger networks usually run at a higher rate.
          </>
        ) : (
          'No finished run to take a speed from.'
        )}
      </p>
    </>
  );
}

interface Speed {
  flopsPerSecond: number;
  engine: string;
  href: string;
}

/** The speed claimed for the run of the newest finding; null before there is one. */
async function latestSpeed(signal: AbortSignal): Promise<Speed | null> {
  const { finding } = await getHome(signal);
  if (!finding || finding.run === null) return null;
  const { run, config, flopsPerStep } = await getRun(finding.sweepId, finding.run, signal);
  if (!run.elapsedMs || !run.engine) return null;
  const flopsPerSecond = (1000 * flopsPerStep * config.train.steps) / run.elapsedMs;
  return { flopsPerSecond, engine: run.engine, href: `/sweeps/${finding.sweepId}/runs/${finding.run}` };
}
