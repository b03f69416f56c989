import { render } from 'preact';
import { App } from './App.tsx';
import { InstallContext } from './components/InstallButton.tsx';
import { LanguageContext } from './components/LanguageChoice.tsx';
import { installWay, keepPages, listenForOffers } from './install.ts';
import { beginLanguage, chooseLanguage } from './language.ts';

listenForOffers();
await beginLanguage();
render(
  <LanguageContext.Provider value={chooseLanguage}>
    <InstallContext.Provider value={installWay}>
      <App />
    </InstallContext.Provider>
  </LanguageContext.Provider>,
  document.getElementById('app') as HTMLElement,
);
keepPages();
