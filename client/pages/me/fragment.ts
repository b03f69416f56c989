// Secrets that come in the fragment of an address: read once, and gone from the address and from the history at once.

import { useEffect, useState } from 'preact/hooks';

/** What was taken, by the path it came to, until it is used or put away: a page drawn anew finds it again. */
const taken = new Map<string, string>();

/** Takes the fragment out of the address. Null where there is none. */
function take(prefix: string): string | null {
  const { hash, pathname, search } = location;
  if (hash.startsWith(`#${prefix}`) && hash.length > 1) {
    taken.set(pathname, hash.slice(prefix.length + 1));
    history.replaceState(history.state, '', pathname + search);
  }
  return taken.get(pathname) ?? null;
}

/** The secret that came with the address after a prefix, or null, and what puts it away. */
export function useFragment(prefix: string): [secret: string | null, putAway: () => void] {
  const [secret, setSecret] = useState(() => take(prefix));
  useEffect(() => {
    // Pasted into the address of a page that is there already, a link only changes the fragment.
    const changed = () => setSecret(take(prefix));
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, [prefix]);
  const putAway = () => {
    taken.delete(location.pathname);
    setSecret(null);
  };
  return [secret, putAway];
}

/** Codes and invitations are written so. */
export const isWhole = (secret: string): boolean => /^[0-9a-f]{32}$/.test(secret);
