import type { BoardsReply } from '../../shared/protocol.ts';
import { getBoards } from '../api.ts';
import { BoardTable } from '../components/BoardTable.tsx';
import { Empty, Failure, Loading } from '../components/Notice.tsx';
import { ScrollBox } from '../components/ScrollBox.tsx';
import { amount } from '../format.ts';
import { useFetched } from './use-fetched.ts';
import { useTitle } from './use-title.ts';

const REFRESH_MS = 20_000;

export default function BoardsPage() {
  useTitle('Boards');
  const { value, error } = useFetched('boards', getBoards, () => REFRESH_MS);
  return (
    <>
      <div class="page-head">
        <h1>Boards</h1>
        <p class="lead">
          Which configurations generalise soonest, by the median over all finished seeds; n is shown. Rows
          whose 95 % interval overlaps that of the first row of a rank share that rank and are marked as a
          tie; rows with too few runs for an interval have no rank.
        </p>
      </div>
      {error && !value && <Failure words={error.message} />}
      {!value && !error && <Loading what="the boards" />}
      {value?.boards.length === 0 && (
        <Empty title="No ranks yet">
          <p>
            Ranks appear when the first runs are finished. <a href="/run">Lend this device</a>
          </p>
        </Empty>
      )}
      {value?.boards.map(({ task, rows }) => (
        <section key={task} aria-label={task}>
          <h2>{task}</h2>
          <BoardTable task={task} rows={rows} />
        </section>
      ))}
      {value && <Contributors contributors={value.contributors} />}
    </>
  );
}

function Contributors({ contributors }: Pick<BoardsReply, 'contributors'>) {
  return (
    <section aria-labelledby="contributors">
      <h2 id="contributors">Contributors</h2>
      <p class="small">Credit counts the work as the specs cost it, never the time a device claims.</p>
      {contributors.length === 0 ? (
        <p>
          Nobody yet. <a href="/run">Be the first</a>
        </p>
      ) : (
        <ScrollBox label="Table of contributors">
          <table class="numbers">
            <thead>
              <tr>
                <th scope="col">volunteer</th>
                <th scope="col">finished runs</th>
                <th scope="col">credit</th>
              </tr>
            </thead>
            <tbody>
              {contributors.map(({ volunteer, runs, credit }, i) => (
                // Names need not differ.
                <tr key={`${i} ${volunteer}`}>
                  <th scope="row">{volunteer}</th>
                  <td>{amount(runs)}</td>
                  <td>{amount(credit)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </section>
  );
}
