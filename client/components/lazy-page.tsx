import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import lazy from 'preact-iso/lazy';
import { useLocation } from 'preact-iso/router';
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
    if (Found) return <Found {...props} />;
    if (isLoading) return <Loading what="the page" />;
    return (
      <Failure words="This page could not be loaded. The connection may have failed.">
        {hasFailedAgain && <p>If it goes on, reload this tab; that ends training in it, if there is any.</p>}
        <p>
          <button type="button" class="button" onClick={retry}>
            Load it again
          </button>
        </p>
      </Failure>
    );
  };
}
