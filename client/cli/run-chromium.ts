import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumFlags, ensureChromium } from './local/chromium.ts';
import { root, runTool } from './local/processes.ts';
import { Refusal } from './local/refusal.ts';

export interface OpenPage {
  page: Page;
  /** The graphics adapter in words; null where the browser has none. */
  adapter: string | null;
  close(): Promise<void>;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Builds the page in a folder of the project, serves it to this machine alone and opens it in a headless Chromium. */
export async function openPage(folder: string, say: (words: string) => void): Promise<OpenPage> {
  const executablePath = await ensureChromium(say);
  const files = mkdtempSync(join(tmpdir(), 'tabgrad-page-'));
  const server = serve(files);
  let browser: Browser | null = null;
  const close = async () => {
    await browser?.close();
    server.close();
    rmSync(files, { recursive: true, force: true });
  };
  try {
    await build(folder, files);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const open = async (args: string[]) => {
      // Ctrl-C is ours: the browser ends when we are done with it.
      browser = await chromium.launch({ executablePath, args, handleSIGINT: false });
      const page = await (await browser.newContext()).newPage();
      await page.goto(url);
      return { page, adapter: await adapterOf(page), close };
    };
    const real = await open(hardwareFlags);
    if (real.adapter !== null) return real;
    await real.page.context().browser()?.close();
    return await open(chromiumFlags);
  } catch (error) {
    await close();
    throw error;
  }
}

/** A real graphics card, where there is one. */
const hardwareFlags = [
  ...chromiumFlags.filter((flag) => !flag.startsWith('--use-webgpu-adapter')),
  ...(process.platform === 'linux' ? ['--enable-features=Vulkan', '--use-angle=vulkan'] : []),
];

async function build(folder: string, outDir: string): Promise<void> {
  const config = join(root, 'client', 'cli', 'page.vite.config.ts');
  const args = ['build', folder, '--config', config, '--outDir', outDir, '--logLevel', 'warn'];
  const { status, output } = await runTool('vite', args, { env: { ...process.env, NODE_ENV: 'production' } });
  if (status !== 0) throw new Refusal(`The page could not be built:\n${output.trim()}`);
}

const serve = (folder: string) =>
  createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const file = join(folder, normalize(path === '/' ? '/index.html' : path));
    try {
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
      response.end(readFileSync(file));
    } catch {
      response.writeHead(404).end();
    }
  });

const adapterOf = (page: Page): Promise<string | null> =>
  page.evaluate(async () => {
    const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return null;
    const { vendor, architecture, description } = adapter.info;
    return [...new Set([vendor, architecture, description])].filter(Boolean).join(' ') || 'unnamed adapter';
  });
