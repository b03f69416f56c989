// The training of this tab, told to all its pages and to the browser.

import { effect } from '@preact/signals';
import { onConsentWithdrawn } from './identity.ts';
import { keepTraining } from './install.ts';
import { languageInUse } from './language.ts';
import { createSession, type Session } from './session.ts';
import { progressHere } from './session-here.ts';
import { progressWords } from './session-words.ts';
import { setProgressTitle } from './title.ts';

/** Once per tab: what it listens to lasts as long as the tab. */
export function beginSession(): Session {
  const session = createSession();
  onConsentWithdrawn(session.stop);
  effect(() => {
    // In the words of the language chosen last.
    void languageInUse.value;
    const words = progressWords(session.state.value);
    if (words !== null && progressHere.peek() === null) void keepTraining();
    progressHere.value = words;
    setProgressTitle(words);
  });
  return session;
}
