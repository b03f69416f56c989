import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import preact from '@preact/preset-vite';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumFlags, findChromium } from './client/cli/local/chromium.ts';
import { tfjsBinaries } from './client/cli/local/engine-pages.ts';

const executablePath = findChromium();
const golden = 'test/golden/**/*.test.ts';
const browserTests = 'client/**/*.browser.test.{ts,tsx}';

const shared = {
  test: {
    name: 'shared',
    environment: 'node',
    include: [
      'shared/**/*.test.ts',
      'client/**/*.test.{ts,tsx}',
      'test/*.test.ts',
      'test/{sim,fuzz,engine,bench}/**/*.test.ts',
      golden,
    ],
    exclude: [browserTests],
  },
};

const worker = {
  plugins: [
    cloudflareTest({
      wrangler: { configPath: './wrangler.toml' },
      miniflare: {
        bindings: {
          TOKEN_SECRET: 'only-for-tests',
          TEST_MIGRATIONS: await readD1Migrations('worker/migrations'),
        },
      },
    }),
  ],
  test: {
    name: 'worker',
    include: ['worker/**/*.test.ts', 'test/api/**/*.test.ts', golden],
    setupFiles: ['test/api/migrate.ts'],
  },
};

const chromium = {
  plugins: [preact(), tfjsBinaries()],
  // Found only while the tests run, they would be prepared anew, and a page would meet two of them.
  optimizeDeps: {
    include: [
      ...['preact', 'preact/hooks', 'preact/jsx-dev-runtime', 'preact/test-utils', 'preact-iso/router'],
      ...['valibot', 'yaml', 'fflate', 'uqr'],
    ],
  },
  test: {
    name: 'chromium',
    include: [golden, browserTests],
    testTimeout: 60_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: { ...(executablePath ? { executablePath } : {}), args: chromiumFlags },
      }),
      instances: [{ browser: 'chromium' as const }],
    },
  },
};

// Journeys measure waiting in seconds on a shared machine: they run last and one at a time.
const journeys = {
  test: {
    name: 'journeys',
    environment: 'node',
    include: ['test/browser/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    sequence: { groupOrder: 1 },
  },
};

export default defineConfig({ test: { projects: [shared, worker, chromium, journeys] } });
