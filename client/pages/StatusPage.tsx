import type { StatusReply } from '../../shared/protocol.ts';
import { getStatus } from '../api.ts';
import { Facts } from '../components/Facts.tsx';
import { Failure, Loading } from '../components/Notice.tsx';
import { amount } from '../format.ts';
import { Checks } from './status/Checks.tsx';
import { CHECKED_PROMISES } from './status/promises.ts';
import { useFetched } from './use-fetched.ts';
import { useTitle } from './use-title.ts';

const REFRESH_MS = 30_000;

/** Whether the laboratory is up, and whether it kept its promises when that was last looked into. */
export default function StatusPage() {
  useTitle('Status');
  const { value: status, error, refresh } = useFetched('status', getStatus, () => REFRESH_MS);
  return (
    <>
      <div class="page-head">
        <h1>Status</h1>
        <p class="lead" role="status">
          {isUp(status !== null, error !== null)}
        </p>
      </div>
      {error && (
        <Failure words={error.message}>
          <p>
            {status && 'What is below was told before. '}
            This page asks again by itself.{' '}
            <button type="button" class="link" onClick={refresh}>
              Ask now
            </button>
          </p>
        </Failure>
      )}
      {!status && !error && <Loading what="the status" />}
      {status && <Numbers status={status} />}
      {status && <Checks audits={status.audits} />}
      <Promises />
    </>
  );
}

function isUp(isKnown: boolean, isFailing: boolean): string {
  if (isFailing) return 'The server did not give an answer just now.';
  return isKnown ? 'The server is up.' : 'Asking the server …';
}

function Numbers({ status }: { status: StatusReply }) {
  const { sweeps, openSweeps, finishedRuns, failedRuns, devicesNow, version } = status;
  return (
    <section aria-label="The laboratory in numbers">
      <Facts
        big
        facts={[
          ['devices holding work', amount(devicesNow)],
          ['sweeps with work to do', `${amount(openSweeps)} of ${amount(sweeps)}`],
          ['finished runs', amount(finishedRuns)],
          ['runs given up', amount(failedRuns)],
          ['version', version],
        ]}
      />
    </section>
  );
}

function Promises() {
  return (
    <section aria-labelledby="promises">
      <h2 id="promises">What is promised</h2>
      <p class="small">
        To volunteers, researchers and readers. These five are also checked on what is really stored.
      </p>
      <dl class="glossary">
        {CHECKED_PROMISES.map(([name, promise, meaning]) => (
          <div key={name} id={name.toLowerCase()}>
            <dt>
              {name}: {promise}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
