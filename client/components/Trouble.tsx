import { troubleOf } from '../volunteer/trouble.ts';
import { language } from '../words/index.ts';
import { lending } from '../words/lending.ts';

interface TroubleProps {
  /** What went wrong, as the session says it: in English. */
  words: string;
  /** The server's error code, where it was the server that refused. */
  code: string | null;
}

/** What went wrong in plain words, and what to do about it. */
export function Trouble({ words: original, code }: TroubleProps) {
  const kind = troubleOf(original, code);
  const said = lending().device.trouble;
  const isForeign = language() !== 'en';
  if (kind === null) return <p lang={isForeign ? 'en' : undefined}>{original}</p>;
  const { what, todo } = said[kind];
  return (
    <>
      <p>{isForeign ? what : original}</p>
      <p>
        <strong>{said.todo}</strong> {todo}
      </p>
      {isForeign && (
        <details>
          <summary>{said.original}</summary>
          <p lang="en">{original}</p>
        </details>
      )}
    </>
  );
}
