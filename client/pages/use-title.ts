import { useEffect } from 'preact/hooks';
import { setPageTitle } from '../title.ts';

/** Names the page in the tab's title. */
export function useTitle(title: string): void {
  useEffect(() => setPageTitle(title), [title]);
}
