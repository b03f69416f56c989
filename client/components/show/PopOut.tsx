import { type ComponentChildren, render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { language } from '../../words/index.ts';
import { lending } from '../../words/lending.ts';

/** Chromium's little windows that stay above all others (Document Picture-in-Picture, WICG). */
interface LittleWindows {
  requestWindow(size: { width: number; height: number }): Promise<Window>;
}

const littleWindows = (): LittleWindows | undefined =>
  (globalThis as { documentPictureInPicture?: LittleWindows }).documentPictureInPicture;

const SIZE = { width: 440, height: 360 };

/**
 * A button that shows its children in a little window, for as long as this is on the page. No button where the browser
 * has no such windows.
 */
export function PopOut({ children }: { children: ComponentChildren }) {
  const [own, setOwn] = useState<Window | null>(null);
  useEffect(() => {
    if (own) render(<main class="little-window">{children}</main>, own.document.body);
  });
  useEffect(() => {
    if (!own) return;
    const closed = () => setOwn(null);
    own.addEventListener('pagehide', closed);
    return () => {
      own.removeEventListener('pagehide', closed);
      render(null, own.document.body);
      own.close();
    };
  }, [own]);
  const windows = littleWindows();
  if (!windows) return null;
  const said = lending().show.pop;
  const open = async () => {
    // A browser may refuse one; the button is still there.
    const made = await windows.requestWindow(SIZE).catch(() => null);
    if (made) dress(made, said.title);
    setOwn(made);
  };
  return (
    <button
      type="button"
      class="button button-quiet button-small"
      onClick={() => (own ? setOwn(null) : open())}
    >
      {own ? said.close : said.open}
    </button>
  );
}

/** Gives a window the looks of this page. */
function dress({ document: theirs }: Window, title: string): void {
  theirs.title = title;
  theirs.documentElement.lang = language();
  for (const sheet of document.head.querySelectorAll<HTMLElement>('link[rel=stylesheet], style')) {
    const copy = sheet.cloneNode(true) as HTMLElement;
    // The window has no address of its own for a relative one to start from.
    if (sheet instanceof HTMLLinkElement) copy.setAttribute('href', sheet.href);
    theirs.head.append(copy);
  }
}
