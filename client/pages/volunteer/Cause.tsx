import type { SweepSummary } from '../../../shared/protocol.ts';
import { PreferenceChoice } from '../../components/PreferenceChoice.tsx';
import { lending } from '../../words/lending.ts';
import { useWishNote } from '../use-wish-note.ts';
import type { PartProps } from './Before.tsx';

const hasWork = ({ mode, finishedRuns, failedRuns, runs }: SweepSummary) =>
  mode === 'running' && finishedRuns + failedRuns < runs;

interface CauseProps extends Pick<PartProps, 'session' | 'settings' | 'wish' | 'onWish'> {
  /** Null while they are not known. */
  sweeps: SweepSummary[] | null;
}

/** What to work for first: kept, unless a link asked for something for this visit. Nothing where there is no choice. */
export function Cause({ session, settings, wish, onWish, sweeps }: CauseProps) {
  const open = sweeps?.filter(hasWork) ?? null;
  const value = wish ?? settings.cause;
  const note = useWishNote(value, open);
  if (!value && !open?.length) return null;
  const { fromLink } = lending().settings.cause;
  return (
    <PreferenceChoice
      value={value}
      open={open ?? []}
      note={note ?? (wish && fromLink)}
      isProblem={note !== null}
      onChange={(cause) => {
        onWish(null);
        session.change({ cause });
      }}
    />
  );
}
