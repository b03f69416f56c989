// How a page is built on which engines compute for a command, away from the pages of the site.
import { defineConfig } from 'vite';
import { withEngines } from './local/engine-pages.ts';

export default defineConfig(withEngines);
