import { badgesOf } from '../../../shared/badges.ts';
import type { MeReply } from '../../../shared/volunteers.ts';
import { belonging } from '../../words/belonging.ts';

/** What a volunteer came past. Nothing is shown of what is not there yet: nobody is to be driven. */
export function Badges({ me }: { me: MeReply }) {
  const say = belonging().me.badges;
  const badges = badgesOf(me);
  if (badges.length === 0) return null;
  return (
    <section aria-labelledby="badges">
      <h2 id="badges">{say.title}</h2>
      <ul class="badges">
        {badges.map((badge) => (
          <li key={badge}>
            <strong>{say.names[badge].name}</strong> <span class="small">{say.names[badge].why}</span>
          </li>
        ))}
      </ul>
      <p class="small">{say.help}</p>
    </section>
  );
}
