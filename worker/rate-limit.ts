import { createMiddleware } from 'hono/factory';
import type { App } from './env.ts';
import { Refusal } from './errors.ts';

/** What the people behind one address have in common: the first three parts of IPv4, the first 48 bits of IPv6. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address.split('.').slice(0, 3).join('.');
  const [head = '', tail] = address.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return groups
    .slice(0, 3)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

/** Turns away a volunteer who stores states too often. */
export const notTooManyStates = createMiddleware<App>(async (c, next) => {
  if (!(await c.env.STATES.limit({ key: c.get('volunteerId') })).success)
    throw new Refusal('too-many', 'You have stored too many states within a minute. Try again in a minute.');
  await next();
});

/** Turns away a researcher who stores datasets too often. */
export const notTooManyDatasets = createMiddleware<App>(async (c, next) => {
  if (!(await c.env.STATES.limit({ key: `datasets.${c.get('researcher').id}` })).success)
    throw new Refusal(
      'too-many',
      'You have stored too many datasets within a minute. Try again in a minute.',
    );
  await next();
});

/** Turns away a volunteer who reads or changes what is theirs too often. */
export const notTooMuch = createMiddleware<App>(async (c, next) => {
  if (!(await c.env.STATES.limit({ key: `me.${c.get('volunteerId')}` })).success)
    throw new Refusal('too-many', 'You have asked for too much within a minute. Try again in a minute.');
  await next();
});

/** Turns away a network that registers, founds teams or moves identities too often. The limit is the binding's, per location, and approximate. */
export const notTooOften = createMiddleware<App>(async (c, next) => {
  // The edge sets this header on every request; where there is no edge there is nobody to tell apart.
  const address = c.req.header('cf-connecting-ip');
  if (address && !(await c.env.REGISTRATIONS.limit({ key: networkOf(address) })).success) {
    throw new Refusal('too-many', 'Too much of this was asked for from your network. Try again in a minute.');
  }
  await next();
});
