import { useState } from 'preact/hooks';
import type { Contributors, ContributorsReply, MeReply } from '../../../shared/volunteers.ts';
import { ScrollBox } from '../../components/ScrollBox.tsx';
import { amount } from '../../format.ts';
import { type OwnRows, ownRows, type Span } from './own-rows.ts';

const SPANS: readonly (readonly [Span, string])[] = [
  ['lately', '30 days'],
  ['allTime', 'all time'],
];

interface ContributorBoardsProps {
  boards: ContributorsReply;
  /** Whoever looks; null where this browser is nobody. */
  me: MeReply | null;
}

/** Who contributed: accepted work only, by name only of those who chose it, and all others in one row. */
export function ContributorBoards({ boards, me }: ContributorBoardsProps) {
  const [span, setSpan] = useState<Span>('lately');
  const board = boards[span];
  const own = ownRows(board, me, span);
  return (
    <section aria-labelledby="contributors">
      <div class="figure-head">
        <h2 id="contributors">Contributors</h2>
        <fieldset class="segments">
          <legend class="visually-hidden">Time</legend>
          {SPANS.map(([name, words]) => (
            <label key={name}>
              <input type="radio" name="span" checked={span === name} onChange={() => setSpan(name)} />
              <span>{words}</span>
            </label>
          ))}
        </fieldset>
      </div>
      <p class="small">
        Accepted work only. One credit is a billion floating-point operations as the specs cost them, never
        the time a device claims. Volunteers are named only if they chose so on <a href="/me">their page</a>.
      </p>
      {isEmpty(board) ? <NobodyYet span={span} isEver={!isEmpty(boards.allTime)} /> : null}
      {!isEmpty(board) && <VolunteerTable board={board} own={own} />}
      {board.teams.length > 0 && <TeamTable board={board} own={own} />}
    </section>
  );
}

const isEmpty = ({ volunteers, unlisted }: Contributors) =>
  volunteers.length === 0 && unlisted.volunteers === 0;

function NobodyYet({ span, isEver }: { span: Span; isEver: boolean }) {
  return (
    <p>
      {span === 'lately' && isEver ? 'Nobody in the last 30 days.' : 'Nobody yet.'}{' '}
      <a href="/run">{isEver ? 'Lend this device' : 'Be the first'}</a>
    </p>
  );
}

const Head = ({ who }: { who: string }) => (
  <thead>
    <tr>
      <th scope="col">{who}</th>
      {who === 'team' && <th scope="col">members</th>}
      <th scope="col">accepted runs</th>
      <th scope="col">credit</th>
    </tr>
  </thead>
);

const You = () => <span class="you">you</span>;

function VolunteerTable({ board: { volunteers, unlisted }, own }: { board: Contributors; own: OwnRows }) {
  const n = volunteers.length + unlisted.volunteers;
  return (
    <>
      <p class="small">
        n = {amount(n)} {n === 1 ? 'volunteer' : 'volunteers'}, {amount(volunteers.length)} named.
      </p>
      <ScrollBox label="Table of contributors">
        <table class="numbers">
          <Head who="volunteer" />
          <tbody>
            {volunteers.map(({ volunteer, runs, credit }, i) => (
              // Names need not differ.
              <tr key={`${i} ${volunteer}`} class={i === own.volunteer ? 'is-picked' : undefined}>
                <th scope="row">
                  {volunteer} {i === own.volunteer && <You />}
                </th>
                <td>{amount(runs)}</td>
                <td>{amount(credit)}</td>
              </tr>
            ))}
            {unlisted.volunteers > 0 && (
              <tr class={own.isUnlisted ? 'is-picked' : undefined}>
                <th scope="row">
                  <em>{unlistedWords(unlisted.volunteers)}</em> {own.isUnlisted && <You />}
                </th>
                <td>{amount(unlisted.runs)}</td>
                <td>{amount(unlisted.credit)}</td>
              </tr>
            )}
          </tbody>
        </table>
      </ScrollBox>
    </>
  );
}

const unlistedWords = (n: number) =>
  n === 1 ? 'one volunteer who is not named' : `${amount(n)} volunteers who are not named`;

function TeamTable({ board: { teams }, own }: { board: Contributors; own: OwnRows }) {
  return (
    <>
      <h3>Teams</h3>
      <p class="small">The work of all members together, whether they are named or not.</p>
      <ScrollBox label="Table of teams">
        <table class="numbers">
          <Head who="team" />
          <tbody>
            {teams.map(({ id, name, members, runs, credit }) => (
              <tr key={id} class={id === own.team ? 'is-picked' : undefined}>
                <th scope="row">
                  <a href={`/teams/${id}`}>{name}</a> {id === own.team && <span class="you">yours</span>}
                </th>
                <td>{amount(members)}</td>
                <td>{amount(runs)}</td>
                <td>{amount(credit)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </>
  );
}
