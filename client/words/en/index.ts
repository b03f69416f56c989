import { format } from './format.ts';
import { home } from './home.ts';
import { install } from './install.ts';
import { layout } from './layout.ts';
import { plot } from './plot.ts';

/** Each room of the pages has a file of words: plain strings, or functions where something is put in. */
export const en = {
  format,
  home,
  install,
  layout,
  plot,
};

export type Words = typeof en;
