export const teams = {
  title: 'Team',
  loading: 'Loading the team …',
  missing: 'There is no such team',
  missingWords: 'Its address may be mistyped, or the last member left it.',
  founded: (when: string) => `Team, founded on ${when}`,
  members: 'members',
  runs: 'accepted runs',
  credit: 'credit',
  allTime: 'all time',
  lately: 'last 30 days',
  yours: 'You are in this team.',
  yourPage: 'Your page',
  listed: 'Members who are named',
  unlisted: (n: string, isOne: boolean) =>
    isOne ? 'One member is counted and not named.' : `${n} members are counted and not named.`,
  nobodyListed: 'Nobody in this team is named. Members choose that on their own page.',
  volunteer: 'volunteer',
  table: 'Table of members',
  boards: 'All contributors',
  join: {
    title: 'Join a team',
    invited:
      'You were invited to a team. It adds up the work of its members; your name is shown only if you chose so on your page.',
    fresh:
      'This browser is nobody here yet. Joining makes an anonymous identity for it, a random number; nothing is trained before you press Start.',
    leaves: (team: string) =>
      `You are in ${team} now; joining leaves it, and takes your work out of its sum.`,
    yes: 'Join',
    broken: 'This invitation is not whole. Ask for it again, and copy all of it.',
    unknown: 'There is no team with this invitation. Ask for it again.',
    joined: (team: string) => `You are in ${team} now.`,
    show: 'See the team',
    start: 'Lend this device',
  },
};
