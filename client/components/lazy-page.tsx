import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import lazy from 'preact-iso/lazy';
import { useLocation } from 'preact-iso/router';
import { pageWords } from '../words/index.ts';
import { Failure, Loading } from './Notice.tsx';

type Page = ComponentType<Record<string, unknown>>;
type Load = () => Promise<{ default: ComponentType }>;

/**
 * A page whose code is fetched when it is first shown. Where that fails the page says so and is fetched again on demand
 * and on the next visit: a reload of the tab would end the training in it.
 */
export const lazyPage = (load: Load): Page =>
  lazy<Page>(() => load().then(pageOf, () => ({ default: missingPage(load) })));

const pageOf = (module: { default: ComponentType }) => ({ default: module.default as Page });

function missingPage(load: Load): Page {
  let Found: Page | null = null;
  let isFirst = true;
  return function MissingPage(props) {
    const { url } = useLocation();
    const [isLoading, setLoading] = useState(false);
    const [hasFailedAgain, setFailedAgain] = useState(false);
    const retry = () => {
      setLoading(true);
      load()
        .then(pageOf)
        .then(
          (module) => {
            Found = module.default;
          },
          () => setFailedAgain(true),
        )
        .finally(() => setLoading(false));
    };
    useEffect(() => {
      if (!isFirst && !Found) retry();
      isFirst = false;
    }, [url]);
    const say = pageWords().layout.missing;
    if (Found) return <Found {...props} />;
    if (isLoading) return <Loading what={say.page} />;
    return (
      <Failure words={say.words}>
        {hasFailedAgain && <p>{say.again}</p>}
        <p>
          <button type="button" class="button" onClick={retry}>
            {say.retry}
          </button>
        </p>
      </Failure>
    );
  };
}
