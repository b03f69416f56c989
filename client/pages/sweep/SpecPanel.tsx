import { useEffect, useState } from 'preact/hooks';
import type { SweepReply } from '../../../shared/protocol.ts';
import { sweepJsonUrl } from '../../api.ts';
import { Digest, Facts } from '../../components/Facts.tsx';
import { ScrollBox } from '../../components/ScrollBox.tsx';
import { runsWords } from '../../format.ts';

/** The spec as its author could have written it, and how to repeat, fork or help the sweep. */
export function SpecPanel({ sweep }: { sweep: SweepReply['sweep'] }) {
  const [yaml, setYaml] = useState<string | null>(null);
  const [copied, setCopied] = useState('');
  const key = `${sweep.specDigest} ${sweep.runs}`;
  useEffect(() => {
    // Without the writer of YAML, JSON says the same and is YAML too.
    import('../spec-yaml.ts').then(
      ({ specYaml }) => setYaml(specYaml(sweep.spec)),
      () => setYaml(JSON.stringify(sweep.spec, null, 2)),
    );
  }, [key]);
  const copy = () =>
    navigator.clipboard.writeText(yaml ?? '').then(
      () => setCopied('Copied.'),
      () => setCopied('The browser refused; select the text instead.'),
    );
  const hasGrown = sweep.grownAtMs !== null;
  return (
    <section aria-labelledby="spec">
      <h2 id="spec">Repeat it</h2>
      <Facts
        facts={[
          [
            hasGrown ? 'digest of the spec as posted (SHA-256)' : 'spec digest (SHA-256)',
            <Digest hex={sweep.specDigest} />,
          ],
          ['lend a device to this sweep', <a href={`/run?sweep=${sweep.id}`}>/run?sweep={sweep.id}</a>],
          ['all numbers as JSON', <a href={sweepJsonUrl(sweep.id)}>{sweepJsonUrl(sweep.id)}</a>],
        ]}
      />
      {hasGrown && (
        <p class="small">
          Below is the spec as it is now, with the runs that were added. It was posted with{' '}
          {runsWords(sweep.postedRuns)}; the digest, and the address, are of that.
        </p>
      )}
      <div class="code-head">
        <h3>{hasGrown ? 'Spec as it is now' : 'Spec'}</h3>
        <button
          type="button"
          class="button button-quiet button-small"
          onClick={copy}
          disabled={yaml === null}
        >
          Copy
        </button>
        <a class="button button-quiet button-small" href={`/sweeps/new?fork=${sweep.id}`}>
          Fork
        </a>
        <span role="status" class="small">
          {copied}
        </span>
      </div>
      <ScrollBox label="Spec as YAML">
        <pre class="code">{yaml ?? '…'}</pre>
      </ScrollBox>
    </section>
  );
}
