import { useEffect, useState } from 'preact/hooks';
import { type Identity, loadIdentity, onIdentityChange } from '../identity.ts';

/** Who this browser is, followed through this tab and others; null while it is nobody. */
export function useIdentity(): Identity | null {
  const [identity, setIdentity] = useState(loadIdentity);
  useEffect(() => onIdentityChange(() => setIdentity(loadIdentity())), []);
  return identity;
}
