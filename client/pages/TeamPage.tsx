import { useRoute } from 'preact-iso/router';
import type { TeamReply } from '../../shared/volunteers.ts';
import { getTeam } from '../api-me.ts';
import { Facts } from '../components/Facts.tsx';
import { ScrollBox } from '../components/ScrollBox.tsx';
import { amount, dayOf } from '../format.ts';
import { belonging } from '../words/belonging.ts';
import { JoinTeam } from './me/JoinTeam.tsx';
import { shownName } from './me/names.ts';
import { Unfetched, Wait } from './me/Outcome.tsx';
import { useFetched } from './use-fetched.ts';
import { useIdentity } from './use-identity.ts';
import { useMe } from './use-me.ts';
import { useTitle } from './use-title.ts';

/** A team for everybody to see; /teams/join is where an invitation leads. */
export default function TeamPage() {
  const id = useRoute().params.id as string;
  return id === 'join' ? <JoinTeam /> : <Team key={id} id={id} />;
}

function Team({ id }: { id: string }) {
  const say = belonging().teams;
  const { value: team, error, refresh } = useFetched(id, (signal) => getTeam(id, signal));
  const { value: me } = useMe(useIdentity());
  useTitle(team?.name ?? say.title);
  if (team) return <TeamView team={team} isMine={me?.team?.id === team.id} />;
  const isMissing = error?.code === 'not-found' || error?.code === 'bad-request';
  return (
    <>
      <div class="page-head">
        <h1>{isMissing ? say.missing : say.title}</h1>
      </div>
      {isMissing && <p>{say.missingWords}</p>}
      {error && !isMissing && <Unfetched error={error} onRetry={refresh} />}
      {!error && <Wait words={say.loading} />}
      <p>
        <a href="/boards">{say.boards}</a>
      </p>
    </>
  );
}

/** Totals of all members; names only of those who chose to be named. */
export function TeamView({ team, isMine }: { team: TeamReply; isMine: boolean }) {
  const say = belonging().teams;
  const { members, accepted, lately, listed } = team;
  const unlisted = members - listed.length;
  return (
    <>
      <div class="page-head">
        <p class="eyebrow">{say.founded(dayOf(team.createdAtMs))}</p>
        <h1>{team.name}</h1>
        {isMine && (
          <p class="picked">
            {say.yours} <a href="/me#team">{say.yourPage}</a>
          </p>
        )}
      </div>
      <Facts
        big
        facts={[
          [say.members, amount(members)],
          [`${say.runs}, ${say.allTime}`, amount(accepted.runs)],
          [`${say.runs}, ${say.lately}`, amount(lately.runs)],
          [`${say.credit}, ${say.allTime}`, amount(accepted.credit)],
          [`${say.credit}, ${say.lately}`, amount(lately.credit)],
        ]}
      />
      <section aria-labelledby="members">
        <h2 id="members">{say.listed}</h2>
        {listed.length === 0 ? <p>{say.nobodyListed}</p> : <Members listed={listed} />}
        {unlisted > 0 && <p class="small">{say.unlisted(amount(unlisted), unlisted === 1)}</p>}
      </section>
      <p>
        <a href="/boards">{say.boards}</a>
      </p>
    </>
  );
}

function Members({ listed }: Pick<TeamReply, 'listed'>) {
  const say = belonging().teams;
  return (
    <ScrollBox label={say.table}>
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">{say.volunteer}</th>
            <th scope="col">{say.runs}</th>
            <th scope="col">{say.credit}</th>
          </tr>
        </thead>
        <tbody>
          {listed.map(({ volunteer, runs, credit }, i) => (
            // Names need not differ.
            <tr key={`${i} ${volunteer}`}>
              <th scope="row">{shownName(volunteer)}</th>
              <td>{amount(runs)}</td>
              <td>{amount(credit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
