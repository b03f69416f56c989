import type { ComponentChildren } from 'preact';
import { Wordmark } from './Wordmark.tsx';

const PAGES = [
  ['/sweeps', 'Sweeps'],
  ['/boards', 'Boards'],
  ['/sweeps/new', 'Post a sweep'],
  ['/about', 'About'],
] as const;

interface LayoutProps {
  path: string;
  /** What this tab is training, when it is and another page is shown. */
  training: string | null;
  children: ComponentChildren;
}

/** Header, main part and footer of every page. */
export function Layout({ path, training, children }: LayoutProps) {
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="header">
        <div class="wide header-row">
          <a class="home" href="/" aria-label="Tabgrad, home">
            <Wordmark />
          </a>
          <nav aria-label="Pages" class="nav">
            {PAGES.map(([href, name]) => (
              <a key={href} href={href} aria-current={isCurrent(path, href) ? 'page' : undefined}>
                {name}
              </a>
            ))}
          </nav>
          <a
            class="button button-small header-run"
            href="/run"
            aria-current={path === '/run' ? 'page' : undefined}
          >
            {training === null ? 'Lend this device' : `Training: ${training}`}
          </a>
        </div>
      </header>
      <main id="main" class="wide" tabIndex={-1}>
        {children}
      </main>
      <Footer />
    </>
  );
}

const isCurrent = (path: string, href: string) =>
  href === '/sweeps' ? path.startsWith('/sweeps') && path !== '/sweeps/new' : path === href;

function Footer() {
  return (
    <footer class="footer">
      <div class="wide footer-row">
        <p>Every number here is computed from stored curves, and every curve is public.</p>
        <nav aria-label="More">
          <a href="/about">About</a>
          <a href="/status">Status</a>
          <a href="/api/openapi.json">API</a>
        </nav>
      </div>
    </footer>
  );
}
