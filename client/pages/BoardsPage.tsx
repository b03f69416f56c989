import { getBoards } from '../api.ts';
import { getContributors } from '../api-me.ts';
import { BoardTable } from '../components/BoardTable.tsx';
import { Empty, Failure, Loading } from '../components/Notice.tsx';
import { ContributorBoards } from './boards/ContributorBoards.tsx';
import { useFetched } from './use-fetched.ts';
import { useIdentity } from './use-identity.ts';
import { useMe } from './use-me.ts';
import { useTitle } from './use-title.ts';

const REFRESH_MS = 20_000;

export default function BoardsPage() {
  useTitle('Boards');
  const { value, error } = useFetched('boards', getBoards, () => REFRESH_MS);
  const contributors = useFetched('contributors', getContributors, () => REFRESH_MS);
  const { value: me } = useMe(useIdentity());
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
      {contributors.error && !contributors.value && <Failure words={contributors.error.message} />}
      {contributors.value && <ContributorBoards boards={contributors.value} me={me} />}
    </>
  );
}
