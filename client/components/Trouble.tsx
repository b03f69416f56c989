import { type Trouble as Kind, troubleOf } from '../volunteer/trouble.ts';
import { language } from '../words/index.ts';
import { lending } from '../words/lending.ts';

interface TroubleProps {
  /** What went wrong, as the session says it. */
  words: string;
  /** The server's error code, where it was the server that refused. */
  code: string | null;
  /** What it is about; null where the words say it all, undefined where only they can tell: then they are in English. */
  kind?: Kind | null | undefined;
  /** Whether the training ended with it. */
  hasEnded?: boolean;
}

/** What passes by itself while training is on, and not any more once it has ended. */
const PASSING: ReadonlySet<Kind> = new Set([
  ...(['network', 'busy', 'serverFault'] as const),
  ...(['deviceHung', 'deviceRemoved', 'deviceLost'] as const),
]);

/** What went wrong in plain words, and what to do about it. */
export function Trouble({ words: original, code, kind: told, hasEnded = false }: TroubleProps) {
  const kind = told === undefined ? troubleOf(original, code) : told;
  const { trouble: said, ended } = lending().device;
  const isForeign = language() !== 'en';
  const lang = isForeign && told === undefined ? 'en' : undefined;
  if (kind === null) return <p lang={lang}>{original}</p>;
  const { what, todo } = said[kind];
  return (
    <>
      <p>{isForeign ? what : original}</p>
      <p>
        <strong>{said.todo}</strong> {hasEnded && PASSING.has(kind) ? ended : todo}
      </p>
      {isForeign && (
        <details>
          <summary>{said.original}</summary>
          <p lang={lang}>{original}</p>
        </details>
      )}
    </>
  );
}
