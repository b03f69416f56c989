import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../http.ts';
import { belonging } from '../../words/belonging.ts';
import { language } from '../../words/index.ts';

export interface Action {
  /** A button says so with aria-disabled: a disabled one would drop the focus of the keyboard. */
  isBusy: boolean;
  /** What was done, in words; null before and while anything is done. */
  said: string | null;
  failure: Failed | null;
  /** Does something, and says what comes back. While one thing is done others are not begun. */
  act(work: () => Promise<string | null>): Promise<void>;
}

export interface Failed {
  words: string;
  /** Of words that are the server's own. */
  lang: 'en' | undefined;
}

/** Why something failed, in the reader's language where it is not the server that speaks. */
export function failureOf(error: unknown): Failed {
  if (error instanceof ApiError && error.status === 0)
    return { words: belonging().me.unreachable, lang: undefined };
  const words = error instanceof Error ? error.message : String(error);
  return { words, lang: error instanceof ApiError && language() !== 'en' ? 'en' : undefined };
}

/** Something the reader can do, and what came of it. */
export function useAction(): Action {
  const [state, setState] = useState<Omit<Action, 'act'>>({ isBusy: false, said: null, failure: null });
  const isBusy = useRef(false);
  const isGone = useRef(false);
  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
    };
  }, []);
  const show = (said: string | null, failure: Failed | null) => {
    isBusy.current = false;
    if (!isGone.current) setState({ isBusy: false, said, failure });
  };
  const act: Action['act'] = async (work) => {
    if (isBusy.current) return;
    isBusy.current = true;
    setState({ isBusy: true, said: null, failure: null });
    await work().then(
      (said) => show(said, null),
      (error) => show(null, failureOf(error)),
    );
  };
  return { ...state, act };
}
