import type { DataReply, SweepReply } from '../../../shared/protocol.ts';
import { getData } from '../../api.ts';
import { Digest } from '../../components/Facts.tsx';
import { Failure, Loading } from '../../components/Notice.tsx';
import { ScrollBox } from '../../components/ScrollBox.tsx';
import { amount, bytes, runsWords } from '../../format.ts';
import { useFetched } from '../use-fetched.ts';

const REFRESH_MS = 60_000;
/** Longer tables scroll by themselves. */
const TALL = 8;

/** The curves as Parquet files, and how to read a part of them from afar. */
export function DataPanel({ sweep }: { sweep: SweepReply['sweep'] }) {
  const isOpen = sweep.finishedRuns + sweep.failedRuns < sweep.runs;
  const { value: data, error } = useFetched(
    sweep.id,
    (signal) => getData(sweep.id, signal),
    ({ pendingRuns }) => (pendingRuns > 0 || isOpen ? REFRESH_MS : null),
  );
  return (
    <section aria-labelledby="data">
      <h2 id="data">Data</h2>
      <p class="small">
        Curves as Parquet: a row for each run and evaluated step, with run, cell, seed, step, loss and
        accuracy on training and test examples. A part never changes, and can be read in ranges over HTTP, so
        that one run does not cost the whole file.
      </p>
      {error && !data && <Failure words={`The list of parts could not be fetched: ${error.message}`} />}
      {!data && !error && <Loading what="the list of parts" />}
      {data && <Parts data={data} />}
    </section>
  );
}

function Parts({ data: { parts, pendingRuns } }: { data: DataReply }) {
  const [first] = parts;
  return (
    <>
      <p>
        {parts.length === 0 ? 'There is no part yet. ' : ''}
        {pendingRuns > 0
          ? `${runsWords(pendingRuns)} finished since ${pendingRuns === 1 ? 'is' : 'are'} in no part yet; the JSON below has ${pendingRuns === 1 ? 'it' : 'them'} already.`
          : parts.length > 0 && 'Every finished run is in a part.'}
      </p>
      {first && <PartTable parts={parts} />}
      {first && <Recipes urls={parts.map(({ url }) => new URL(url, location.origin).href)} />}
    </>
  );
}

function PartTable({ parts }: Pick<DataReply, 'parts'>) {
  return (
    <ScrollBox label="Table of parts" isTall={parts.length > TALL}>
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">part</th>
            <th scope="col">runs</th>
            <th scope="col">rows</th>
            <th scope="col">size</th>
            <th scope="col" class="is-words">
              SHA-256
            </th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part, i) => (
            <tr key={part.url}>
              <th scope="row" class="is-brief">
                <a href={part.url}>part {i}</a>
              </th>
              <td>{amount(part.runs)}</td>
              <td>{amount(part.rows)}</td>
              <td>{bytes(part.bytes)}</td>
              <td class="is-words">
                <Digest hex={part.sha256} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

/** Parts named in the recipes. */
const NAMED = 2;

function Recipes({ urls }: { urls: readonly string[] }) {
  const more = urls.length > NAMED ? ['  -- and the other parts'] : [];
  const named = urls.slice(0, NAMED).map((url) => `  '${url}'`);
  const duckdb = [
    '-- DuckDB: fetches only what the question needs',
    'FROM read_parquet([',
    named.join(',\n'),
    ...more,
    '])',
    'SELECT run, step, test_accuracy WHERE run = 7 ORDER BY step;',
  ].join('\n');
  const pandas = [
    '# pandas, with pyarrow, fsspec and aiohttp',
    'import fsspec, pandas as pd',
    '',
    `with fsspec.open("${urls[0]}") as part:`,
    '    curves = pd.read_parquet(part, columns=["run", "step", "test_accuracy"],',
    '                             filters=[("run", "==", 7)])',
  ].join('\n');
  return (
    <details>
      <summary>How to read it in DuckDB or pandas</summary>
      {[duckdb, pandas].map((code, i) => (
        <ScrollBox key={i} label={i === 0 ? 'For DuckDB' : 'For pandas'}>
          <pre class="code">{code}</pre>
        </ScrollBox>
      ))}
    </details>
  );
}
