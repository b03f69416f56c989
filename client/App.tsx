import { useState } from 'preact/hooks';
import { ErrorBoundary } from 'preact-iso/lazy';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { Layout } from './components/Layout.tsx';
import { lazyPage } from './components/lazy-page.tsx';
import { Failure } from './components/Notice.tsx';
import { isTranslated, languageInUse } from './language.ts';
import { HomePage } from './pages/HomePage.tsx';
import { NotFoundPage } from './pages/NotFoundPage.tsx';
import { useOnline } from './pages/use-online.ts';
import { progressHere, SessionContext, sessionHere, withSession } from './session-here.ts';
import { pageWords, translated, words } from './words/index.ts';

const VolunteerPage = lazyPage(withSession(() => import('./pages/VolunteerPage.tsx')));
const SweepsPage = lazyPage(() => import('./pages/SweepsPage.tsx'));
const SweepPage = lazyPage(() => import('./pages/SweepPage.tsx'));
const RunPage = lazyPage(() => import('./pages/RunPage.tsx'));
const NewSweepPage = lazyPage(() => import('./pages/NewSweepPage.tsx'));
const BoardsPage = lazyPage(() => import('./pages/BoardsPage.tsx'));
const AboutPage = lazyPage(() => import('./pages/AboutPage.tsx'));
const StatusPage = lazyPage(() => import('./pages/StatusPage.tsx'));
const MePage = lazyPage(withSession(() => import('./pages/MePage.tsx')));
const CertificatePage = lazyPage(() => import('./pages/CertificatePage.tsx'));
const TeamPage = lazyPage(() => import('./pages/TeamPage.tsx'));
const PrivacyPage = lazyPage(() => import('./pages/PrivacyPage.tsx'));

export function App() {
  return (
    <LocationProvider>
      <SessionContext.Provider value={sessionHere.value}>
        <Pages training={progressHere.value} />
      </SessionContext.Provider>
    </LocationProvider>
  );
}

function Pages({ training }: { training: string | null }) {
  const { path } = useLocation();
  const language = languageInUse.value;
  translated(isTranslated(path));
  const isOnline = useOnline();
  const [broken, setBroken] = useState<string | null>(null);
  const { missing } = pageWords().layout;
  return (
    <Layout path={path} training={path === '/run' ? null : training} isEnglish={!isTranslated(path)}>
      <p class="offline" role="status" lang={language}>
        {/* The page of the training says more. */}
        {isOnline || path === '/run' ? null : words().install.offlineIdle}
      </p>
      {broken === null ? (
        <ErrorBoundary key={language} onError={(error) => setBroken(error.message)}>
          <Router onRouteChange={focusContent}>
            <Route path="/" component={HomePage} />
            <Route path="/run" component={VolunteerPage} />
            <Route path="/sweeps" component={SweepsPage} />
            <Route path="/sweeps/new" component={NewSweepPage} />
            <Route path="/sweeps/:id" component={SweepPage} />
            <Route path="/sweeps/:id/runs/:index" component={RunPage} />
            <Route path="/runs/:run" component={RunPage} />
            <Route path="/boards" component={BoardsPage} />
            <Route path="/about" component={AboutPage} />
            <Route path="/status" component={StatusPage} />
            <Route path="/me" component={MePage} />
            <Route path="/certificate" component={CertificatePage} />
            <Route path="/teams/:id" component={TeamPage} />
            <Route path="/privacy" component={PrivacyPage} />
            <Route default component={NotFoundPage} />
          </Router>
        </ErrorBoundary>
      ) : (
        <Failure words={missing.broken(broken)}>
          <button type="button" class="button" onClick={() => location.reload()}>
            {missing.retry}
          </button>
        </Failure>
      )}
    </Layout>
  );
}

/** A new page starts at its beginning for the keyboard and for screen readers too. */
function focusContent() {
  document.getElementById('main')?.focus({ preventScroll: true });
}
