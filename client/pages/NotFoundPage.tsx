import { useTitle } from './use-title.ts';

export function NotFoundPage() {
  useTitle('Not found');
  return (
    <article class="prose">
      <h1>There is no page here</h1>
      <p>The address may be mistyped, or it names something that never existed. Sweeps are never deleted.</p>
      <p>
        <a href="/sweeps">All sweeps</a> or <a href="/">the start page</a>
      </p>
    </article>
  );
}
