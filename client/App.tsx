import { useSignalEffect } from '@preact/signals';
import { useMemo, useState } from 'preact/hooks';
import { ErrorBoundary } from 'preact-iso/lazy';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { Layout } from './components/Layout.tsx';
import { lazyPage } from './components/lazy-page.tsx';
import { Failure } from './components/Notice.tsx';
import { HomePage } from './pages/HomePage.tsx';
import { NotFoundPage } from './pages/NotFoundPage.tsx';
import { createSession, SessionContext } from './session.ts';
import { progressWords } from './session-state.ts';
import { setProgressTitle } from './title.ts';

const VolunteerPage = lazyPage(() => import('./pages/VolunteerPage.tsx'));
const SweepsPage = lazyPage(() => import('./pages/SweepsPage.tsx'));
const SweepPage = lazyPage(() => import('./pages/SweepPage.tsx'));
const RunPage = lazyPage(() => import('./pages/RunPage.tsx'));
const NewSweepPage = lazyPage(() => import('./pages/NewSweepPage.tsx'));
const BoardsPage = lazyPage(() => import('./pages/BoardsPage.tsx'));
const AboutPage = lazyPage(() => import('./pages/AboutPage.tsx'));
const StatusPage = lazyPage(() => import('./pages/StatusPage.tsx'));

export function App() {
  const session = useMemo(createSession, []);
  const [training, setTraining] = useState<string | null>(null);
  useSignalEffect(() => {
    const words = progressWords(session.state.value);
    setTraining(words);
    setProgressTitle(words);
  });
  return (
    <LocationProvider>
      <SessionContext.Provider value={session}>
        <Pages training={training} />
      </SessionContext.Provider>
    </LocationProvider>
  );
}

function Pages({ training }: { training: string | null }) {
  const { path } = useLocation();
  const [broken, setBroken] = useState<string | null>(null);
  return (
    <Layout path={path} training={path === '/run' ? null : training}>
      {broken === null ? (
        <ErrorBoundary onError={(error) => setBroken(error.message)}>
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
            <Route default component={NotFoundPage} />
          </Router>
        </ErrorBoundary>
      ) : (
        <Failure words={`This page could not be shown: ${broken}`}>
          <button type="button" class="button" onClick={() => location.reload()}>
            Load it again
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
