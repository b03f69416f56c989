import { Failure } from '../components/Notice.tsx';

/** A page whose content could not be had. */
export function FailedPage({ title, words }: { title: string; words: string }) {
  return (
    <>
      <div class="page-head">
        <h1>{title}</h1>
      </div>
      <Failure words={words}>
        <a href="/sweeps">All sweeps</a>
      </Failure>
    </>
  );
}
