// The tab's title: the page, and before it how far training has come, to be read while the tab is hidden.

let page = 'Tabgrad';
let progress: string | null = null;
let shownAtMs = Number.NEGATIVE_INFINITY;
let timer: ReturnType<typeof setTimeout> | null = null;

/** Some screen readers say a title whenever it changes. */
const APART_MS = 5000;

const show = () => {
  if (timer !== null) clearTimeout(timer);
  timer = null;
  shownAtMs = performance.now();
  const title = progress === null ? page : `${progress} · ${page}`;
  if (document.title !== title) document.title = title;
};

export function setPageTitle(title: string): void {
  page = title === '' ? 'Tabgrad' : `${title} · Tabgrad`;
  show();
}

/** Another step on the way waits some seconds; a beginning and an end do not. */
export function setProgressTitle(words: string | null): void {
  const isStep = progress !== null && words !== null && /\d/.test(words);
  progress = words;
  if (!isStep) show();
  else timer ??= setTimeout(show, Math.max(0, shownAtMs + APART_MS - performance.now()));
}
