import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** A component that is fetched once it is wanted. Null until it is there; where it cannot be loaded the page does without. */
export function useLoaded<Props>(
  isWanted: boolean,
  load: () => Promise<{ default: ComponentType<Props> }>,
): ComponentType<Props> | null {
  const [Found, setFound] = useState<ComponentType<Props> | null>(null);
  useEffect(() => {
    if (isWanted && !Found)
      load().then(
        (module) => setFound(() => module.default),
        () => {},
      );
  }, [isWanted]);
  return Found;
}
