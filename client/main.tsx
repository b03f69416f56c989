import { render } from 'preact';
import { App } from './App.tsx';
import { InstallContext } from './components/InstallButton.tsx';
import { LanguageContext } from './components/LanguageChoice.tsx';
import { installWay, keepPages, listenForOffers } from './install.ts';
import { beginLanguage, chooseLanguage } from './language.ts';
import { isSessionDue, wantSession } from './session-here.ts';

listenForOffers();
// Where the training cannot be loaded the pages are there without it, and /run says so.
const session = isSessionDue() ? wantSession().catch(() => null) : null;
await Promise.all([beginLanguage(), session]);
render(
  <LanguageContext.Provider value={chooseLanguage}>
    <InstallContext.Provider value={installWay}>
      <App />
    </InstallContext.Provider>
  </LanguageContext.Provider>,
  document.getElementById('app') as HTMLElement,
);
keepPages();
