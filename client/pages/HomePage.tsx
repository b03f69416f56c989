import { useContext } from 'preact/hooks';
import type { HomeReply } from '../../shared/protocol.ts';
import { getHome } from '../api.ts';
import { Facts } from '../components/Facts.tsx';
import { Failure, Loading } from '../components/Notice.tsx';
import { amount } from '../format.ts';
import { SessionContext } from '../session-here.ts';
import type { SessionState } from '../session-state.ts';
import { words } from '../words/index.ts';
import { Finding } from './home/Finding.tsx';
import { LiveElsewhereCurve } from './home/LiveElsewhereCurve.tsx';
import { findLive, type LiveElsewhere } from './home/live-elsewhere.ts';
import { useFetched } from './use-fetched.ts';
import { useLoaded } from './use-loaded.ts';
import { useTitle } from './use-title.ts';

const REFRESH_MS = 15_000;

export function HomePage() {
  useTitle('');
  const { value: home, error } = useFetched('home', getHome, () => REFRESH_MS);
  const state = useContext(SessionContext)?.state.value;
  const isLive = state !== undefined && isGrowing(state);
  const LiveCurve = useLoaded(isLive, () => import('./home/LiveCurve.tsx'));
  const live = useLiveElsewhere(!isLive && (home?.devicesNow ?? 0) > 0);
  return (
    <>
      <Hero />
      {isLive && LiveCurve && <LiveCurve state={state} />}
      {live && <LiveElsewhereCurve {...live} />}
      {error && !home && <Failure words={error.message} />}
      {!home && !error && <Loading what={words().home.finding} />}
      {home?.finding && <Finding finding={home.finding} isPlayed={!isLive && !live} />}
      {home && !home.finding && <NoFinding home={home} />}
      {home && <Counts home={home} />}
    </>
  );
}

/** Whether this tab trains and has something to show. */
const isGrowing = ({ status, group, points }: SessionState): boolean =>
  status !== 'off' && group !== null && points.length > 0;

/** What is trained on another device, if there is any that trains. */
function useLiveElsewhere(isLooked: boolean): LiveElsewhere | null {
  const { value } = useFetched<{ found: LiveElsewhere | null }>(
    `live ${isLooked}`,
    async (signal, before) => ({ found: isLooked ? await findLive(signal, before?.found ?? null) : null }),
    () => (isLooked ? REFRESH_MS : null),
  );
  return value?.found ?? null;
}

function Hero() {
  const say = words().home;
  return (
    <section class="hero">
      <h1>{say.question}</h1>
      <div class="hero-words">
        <p class="lead">{say.lead}</p>
        <p class="actions">
          <a class="button button-main button-large" href="/run">
            {say.start}
          </a>
          <a class="button button-quiet" href="/sweeps">
            {say.see}
          </a>
        </p>
        <p class="small">
          {say.startNote} <a href="/privacy">{say.privacy}</a>
        </p>
      </div>
    </section>
  );
}

function NoFinding({ home: { plannedRuns, finishedRuns } }: { home: HomeReply }) {
  const say = words().home.none;
  return (
    <section class="figure-card" aria-labelledby="none-yet">
      <h2 id="none-yet">{say.title}</h2>
      <p>
        {plannedRuns === 0 ? say.noSweep : say.soFar(amount(finishedRuns), amount(plannedRuns))} {say.when}
      </p>
      <p>{plannedRuns === 0 ? <a href="/sweeps/new">{say.post}</a> : <a href="/run">{say.lend}</a>}</p>
    </section>
  );
}

function Counts({ home }: { home: HomeReply }) {
  const say = words().home.counts;
  return (
    <section aria-label={say.title}>
      <Facts
        big
        facts={[
          [say.devices, amount(home.devicesNow)],
          [say.finished, say.of(amount(home.finishedRuns), amount(home.plannedRuns))],
          [say.sweeps, <a href="/sweeps">{amount(home.sweeps)}</a>],
          [say.volunteers, <a href="/boards#contributors">{amount(home.volunteers)}</a>],
        ]}
      />
    </section>
  );
}
