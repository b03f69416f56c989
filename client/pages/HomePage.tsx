import type { HomeReply } from '../../shared/protocol.ts';
import { getHome } from '../api.ts';
import { Facts } from '../components/Facts.tsx';
import { Failure, Loading } from '../components/Notice.tsx';
import { amount } from '../format.ts';
import { Finding } from './home/Finding.tsx';
import { useFetched } from './use-fetched.ts';
import { useTitle } from './use-title.ts';

const REFRESH_MS = 15_000;

export function HomePage() {
  useTitle('');
  const { value: home, error } = useFetched('home', getHome, () => REFRESH_MS);
  return (
    <>
      <section class="hero">
        <h1>When does a network stop memorising and start to generalise?</h1>
        <div class="hero-words">
          <p class="lead">
            Tabgrad is a public laboratory for how neural networks learn: researchers post sweeps of small
            networks, and browser tabs train them. Lend your device for a few minutes and the curves it
            computes become part of a public figure.
          </p>
          <p class="actions">
            <a class="button button-main" href="/run">
              Start training
            </a>
            <a class="button button-quiet" href="/sweeps">
              See what was found
            </a>
          </p>
        </div>
      </section>
      {error && !home && <Failure words={error.message} />}
      {!home && !error && <Loading what="the newest finding" />}
      {home && (home.finding ? <Finding finding={home.finding} /> : <NoFinding home={home} />)}
      {home && <Counts home={home} />}
    </>
  );
}

function NoFinding({ home }: { home: HomeReply }) {
  return (
    <section class="figure-card" aria-labelledby="none-yet">
      <h2 id="none-yet">Nothing found yet</h2>
      <p>
        {home.plannedRuns === 0
          ? 'No sweep has been posted.'
          : `${amount(home.finishedRuns)} of ${amount(home.plannedRuns)} planned runs are finished.`}{' '}
        The first finding appears here when all runs of one configuration are in and at least one of them
        generalised.
      </p>
      <p>
        {home.plannedRuns === 0 ? (
          <a href="/sweeps/new">Post a sweep</a>
        ) : (
          <a href="/run">Lend this device to bring it closer</a>
        )}
      </p>
    </section>
  );
}

function Counts({ home }: { home: HomeReply }) {
  return (
    <section aria-label="The laboratory in numbers">
      <Facts
        big
        facts={[
          ['sweeps', <a href="/sweeps">{amount(home.sweeps)}</a>],
          ['finished runs', `${amount(home.finishedRuns)} of ${amount(home.plannedRuns)}`],
          ['devices holding work', amount(home.devicesNow)],
          ['volunteers so far', <a href="/boards#contributors">{amount(home.volunteers)}</a>],
        ]}
      />
    </section>
  );
}
