import type { Words } from '../en/index.ts';
import { format } from './format.ts';
import { home } from './home.ts';
import { install } from './install.ts';
import { layout } from './layout.ts';
import { plot } from './plot.ts';

export const de: Words = {
  format,
  home,
  install,
  layout,
  plot,
};
