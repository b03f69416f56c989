import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ShowProps } from '../../components/show/Show.tsx';
import { words } from '../../words/index.ts';

/** The view inside the network, fetched when there is something to see. */
export function LazyShow(props: ShowProps) {
  const [Show, setShow] = useState<ComponentType<ShowProps> | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const load = () => {
    setFailed(false);
    import('../../components/show/Show.tsx').then(
      (module) => setShow(() => module.default),
      () => setFailed(true),
    );
  };
  useEffect(load, []);
  if (Show) return <Show {...props} />;
  const { failed, again } = words().plot;
  if (!hasFailed) return null;
  return (
    <p>
      {failed}{' '}
      <button type="button" class="link" onClick={load}>
        {again}
      </button>
    </p>
  );
}
