// The tab's title: the page, and before it how far training has come, to be read while the tab is hidden.

let page = 'Tabgrad';
let progress: string | null = null;

const show = () => {
  document.title = progress === null ? page : `${progress} · ${page}`;
};

export function setPageTitle(title: string): void {
  page = title === '' ? 'Tabgrad' : `${title} · Tabgrad`;
  show();
}

export function setProgressTitle(words: string | null): void {
  progress = words;
  show();
}
