import { useRoute } from 'preact-iso/router';
import type { RunReply } from '../../shared/protocol.ts';
import type { RunConfig } from '../../shared/spec/schema.ts';
import { cellWords } from '../../shared/spec/words.ts';
import { getRun } from '../api.ts';
import { Digest, type Fact, Facts } from '../components/Facts.tsx';
import { MineMark } from '../components/Mine.tsx';
import { Loading } from '../components/Notice.tsx';
import { Programme } from '../components/Programme.tsx';
import { Reasons } from '../components/Reasons.tsx';
import { ago, amount, duration, flops } from '../format.ts';
import { FailedPage } from './FailedPage.tsx';
import { CurveFigure } from './run/CurveFigure.tsx';
import { MeasureFigure } from './run/MeasureFigure.tsx';
import { useMyRuns } from './sweep/use-mine.ts';
import { useFetched } from './use-fetched.ts';
import { useTitle } from './use-title.ts';

const REFRESH_MS = 5000;

/** One run, addressed by its sweep and index, or as /runs/sweepId:index. */
export default function RunPage() {
  const { id, index, run } = useRoute().params;
  const [sweepId, number] = run === undefined ? [id ?? '', index ?? ''] : run.split(':');
  const { value: reply, error } = useFetched<RunReply>(
    `${sweepId}/${number}`,
    (signal) => getRun(sweepId ?? '', number ?? '', signal),
    ({ run: { state } }) => (state === 'waiting' || state === 'training' ? REFRESH_MS : null),
  );
  useTitle(reply ? `Run ${reply.run.index} of ${reply.sweep.title}` : 'Run');
  if (error && !reply) {
    return (
      <FailedPage
        title={error.code === 'not-found' ? 'There is no such run' : 'The run could not be fetched'}
        words={error.message}
      />
    );
  }
  return reply ? <RunView reply={reply} /> : <Loading what="the run" />;
}

function RunView({ reply }: { reply: RunReply }) {
  const { run, sweep } = reply;
  const curve = reply.curve ?? reply.partial;
  return (
    <>
      <div class="page-head">
        <p class="eyebrow">
          <a href={`/sweeps/${sweep.id}`}>{sweep.title}</a>
        </p>
        <h1>
          Run {run.index}: {cellWords(reply.axes, reply.values)}, seed {run.seed}
        </h1>
        <p class="small">{whereItStands(run)}</p>
        <Yours reply={reply} />
        <WhyNot reply={reply} />
        <Parents reply={reply} />
        <p class="neighbours">
          {run.index > 0 && <a href={`/sweeps/${sweep.id}/runs/${run.index - 1}`}>← run {run.index - 1}</a>}
          {run.index < sweep.runs - 1 && (
            <a href={`/sweeps/${sweep.id}/runs/${run.index + 1}`}>run {run.index + 1} →</a>
          )}
        </p>
      </div>
      {curve && <CurveFigure reply={reply} curve={curve} />}
      {curve?.measured && <MeasureFigure curve={curve} />}
      <Details reply={reply} />
    </>
  );
}

/** Which of its steps the reader trained, if any. */
function Yours({ reply: { run, sweep } }: { reply: RunReply }) {
  const isOver = run.state !== 'waiting' && run.state !== 'training';
  const own = useMyRuns(sweep.id, isOver).find((one) => one.run === run.index);
  if (!own) return null;
  const steps = own.segments.map(({ from, to }) => `${amount(from)} to ${amount(to)}`);
  return (
    <p>
      <MineMark words="This run is yours" />: you trained steps {steps.join(', ')}
      {own.isFinished ? '.' : '; another device goes on from there.'}
    </p>
  );
}

/** What devices said of a run that was given up; one that waits for another in vain was in nobody's hands. */
function WhyNot({ reply: { reasons } }: { reply: RunReply }) {
  if (reasons.length === 0) return null;
  const isOrphan = reasons.every(({ reason }) => reason.startsWith('it needs run '));
  return (
    <div class="notice">
      <p>{isOrphan ? 'It never began:' : 'What the devices said:'}</p>
      <Reasons reasons={reasons} />
    </div>
  );
}

/** The runs that it takes something from. */
function Parents({ reply: { sweep, parents } }: { reply: RunReply }) {
  if (!parents?.length) return null;
  return (
    <p class="small">
      It takes{' '}
      {parents.map(({ run: parent, snapshot }, i) => (
        <span key={`${parent} ${snapshot}`}>
          {i > 0 && ', '}“{snapshot}” of <a href={`/sweeps/${sweep.id}/runs/${parent}`}>run {parent}</a>
        </span>
      ))}
      .
    </p>
  );
}

function whereItStands({ state, step, segments, finishedAtMs, volunteer }: RunReply['run']): string {
  if (state === 'finished') {
    const when = `${ago(finishedAtMs ?? 0, Date.now())} by ${volunteer ?? 'a volunteer'}`;
    if (segments <= 1) return `Finished ${when}.`;
    return `Trained in ${amount(segments)} segments by volunteers in turn; finished ${when}.`;
  }
  const reached = step ? `It was handed over at step ${amount(step)} and goes on from there. ` : '';
  if (state === 'training') return `${reached}A device is training it now.`;
  if (state === 'waiting') return `${reached}Waiting for a device.`;
  const until = step ? ` It had got to step ${amount(step)}.` : '';
  return state === 'failed'
    ? `It was given up: no device could finish it.${until}`
    : `The sweep was cancelled before it was finished.${until}`;
}

function Details({ reply }: { reply: RunReply }) {
  const { run, config, parameterCount, flopsPerStep } = reply;
  const { programmes, ...rest } = config;
  const phases = (programmes as RunConfig['programmes'])?.[config.programme];
  // The phases say how long they train.
  const settings = phases ? { ...rest, train: { ...rest.train, steps: undefined } } : rest;
  return (
    <>
      {phases && (
        <section aria-labelledby="programme">
          <h2 id="programme">What this run does</h2>
          <Programme phases={phases} />
        </section>
      )}
      <section aria-labelledby="config">
        <h2 id="config">Configuration</h2>
        <dl class="config">
          {leaves(settings, '').map(([path, value]) => (
            <div key={path} class={reply.axes.includes(path) ? 'is-searched' : undefined}>
              <dt>{path}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          <div class="is-searched">
            <dt>seed</dt>
            <dd>{run.seed}</dd>
          </div>
        </dl>
        <p class="small">What this sweep searches over is marked.</p>
      </section>
      <section aria-labelledby="record">
        <h2 id="record">Record</h2>
        <Facts
          facts={[
            ['parameters', amount(parameterCount)],
            ['cost of a step', flops(flopsPerStep)],
            ['engine (as the device claimed)', run.engine ? `${run.engine} ${run.engineVersion ?? ''}` : '–'],
            ['time (as the device claimed)', run.elapsedMs === null ? '–' : duration(run.elapsedMs)],
            ...trainedBy(run),
            ['curve digest (SHA-256)', <Digest hex={run.digest} />],
            ['weights digest (SHA-256)', <Digest hex={run.weightsDigest} />],
          ]}
        />
      </section>
    </>
  );
}

/** Who delivered the last segment is told of finished runs only. */
function trainedBy({ state, segments, volunteer, step }: RunReply['run']): Fact[] {
  if (state !== 'finished')
    return segments === 0
      ? []
      : [
          ['segments accepted so far', amount(segments)],
          ['accepted up to step', amount(step ?? 0)],
        ];
  return [
    [segments > 1 ? 'last segment trained by' : 'trained by', volunteer ?? '–'],
    ['segments', amount(segments)],
  ];
}

/** The leaves of a configuration with their dotted paths. */
function leaves(value: unknown, path: string): [string, string][] {
  const isList = Array.isArray(value) && value.every((item) => typeof item !== 'object');
  if (typeof value === 'object' && value !== null && !isList) {
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key));
  }
  return value === undefined ? [] : [[path, isList ? value.join(', ') : String(value)]];
}
