import type { ComponentChildren } from 'preact';
import { language, words } from '../words/index.ts';
import { InstallButton } from './InstallButton.tsx';
import { LanguageChoice } from './LanguageChoice.tsx';
import { Wordmark } from './Wordmark.tsx';

const PAGES = [
  ['/sweeps', 'sweeps'],
  ['/boards', 'boards'],
  ['/sweeps/new', 'post'],
  ['/me', 'you'],
  ['/about', 'about'],
] as const;

interface LayoutProps {
  path: string;
  /** What this tab is training, when it is and another page is shown. */
  training: string | null;
  /** Whether the page is in English whatever language was chosen. */
  isEnglish?: boolean;
  children: ComponentChildren;
}

/** Header, main part and footer of every page. */
export function Layout({ path, training, isEnglish = false, children }: LayoutProps) {
  const say = words().layout;
  return (
    <>
      <a class="skip" href="#main">
        {say.skip}
      </a>
      <header class="header">
        <div class="wide header-row">
          <a class="home" href="/" aria-label={say.home}>
            <Wordmark />
          </a>
          <nav aria-label={say.pages} class="nav">
            {PAGES.map(([href, name]) => (
              <a key={href} href={href} aria-current={isCurrent(path, href) ? 'page' : undefined}>
                {say[name]}
              </a>
            ))}
          </nav>
          <a
            class="button button-small header-run"
            href="/run"
            aria-current={path === '/run' ? 'page' : undefined}
          >
            {training === null ? say.lend : say.training(training)}
          </a>
        </div>
      </header>
      <main id="main" class="wide" tabIndex={-1} lang={isEnglish && language() !== 'en' ? 'en' : undefined}>
        {children}
      </main>
      <Footer />
    </>
  );
}

function isCurrent(path: string, href: string): boolean {
  if (href === '/sweeps') return path.startsWith('/sweeps') && path !== '/sweeps/new';
  return path === href;
}

function Footer() {
  const say = words().layout;
  return (
    <footer class="footer">
      <div class="wide footer-row">
        <p class="footer-words">{say.open}</p>
        <nav aria-label={say.more}>
          <a href="/privacy">{say.privacy}</a>
          <a href="/me">{say.you}</a>
          <a href="/boards">{say.boards}</a>
          <a href="/about">{say.about}</a>
          <a href="/status">{say.status}</a>
          <a href="/api/openapi.json">{say.api}</a>
        </nav>
        <LanguageChoice />
        <InstallButton />
      </div>
    </footer>
  );
}
