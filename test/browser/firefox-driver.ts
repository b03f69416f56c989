// Drives an ordinary Firefox through WebDriver BiDi (w3.org/TR/webdriver-bidi), which it speaks by itself. Playwright
// drives only a Firefox of its own make: the commands it sends (emulation.setMediaFeaturesOverride) are newer than
// Debian's. Delete this once `firefox.launch({ channel: 'moz-firefox' })` of Playwright opens a page in that.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_MS = 60_000;
const POLL_MS = 100;
const WAIT_MS = 60_000;

/** No traffic of the browser's own, and no questions. */
const PREFERENCES = {
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.aboutwelcome.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.push.connection.enabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.enabled': false,
  'toolkit.telemetry.server': 'data:,',
};

export interface FirefoxPage {
  version: string;
  /** Errors of the page, the console and the content security policy, and requests to anywhere but the server. */
  problems: string[];
  /** The value of an expression in the page, as JSON has it; promises are waited for. */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until the page shows such text, and returns the line of it. */
  untilText(pattern: RegExp): Promise<string>;
  /** Clicks on the button whose words fit. */
  press(words: RegExp): Promise<void>;
  close(): Promise<void>;
}

/** Opens an address in a headless Firefox with a profile of its own. Close it. */
export async function visitInFirefox(executablePath: string, url: string): Promise<FirefoxPage> {
  const profile = mkdtempSync(join(tmpdir(), 'tabgrad-firefox-'));
  const lines = Object.entries(PREFERENCES).map(
    ([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`,
  );
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  const args = [
    '--headless',
    '--no-remote',
    '--remote-debugging-port=0',
    '--profile',
    profile,
    'about:blank',
  ];
  const env = { ...process.env, MOZ_CRASHREPORTER_DISABLE: '1' };
  const child = spawn(executablePath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let connection: Connection | null = null;
  const close = async () => {
    await connection?.call('browser.close').catch(() => undefined);
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    connection = await connect(`${await addressOf(child)}/session`);
    return { ...(await openPage(connection, url)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Firefox did not start:\n${said}`)), START_MS);
    let said = '';
    child.stderr?.on('data', (bytes) => {
      said += bytes;
      const address = /BiDi listening on (ws:\/\/\S+)/.exec(said)?.[1];
      if (!address) return;
      clearTimeout(timer);
      resolve(address);
    });
    child.once('exit', (code) => reject(new Error(`Firefox ended with status ${code}:\n${said}`)));
  });
}

type Params = Record<string, unknown>;

interface Connection {
  // biome-ignore lint/suspicious/noExplicitAny: every command answers something else.
  call(method: string, params?: Params): Promise<any>;
  onEvent(listen: (method: string, params: Params) => void): void;
}

async function connect(address: string): Promise<Connection> {
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`nobody answers at ${address}`));
  });
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let listener: (method: string, params: Params) => void = () => {};
  socket.onmessage = ({ data }) => {
    const { id, method, params, result, type, message } = JSON.parse(String(data));
    if (type === 'event') return listener(method, params);
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (type === 'success') resolve?.(result);
    else reject?.(new Error(message));
  };
  socket.onclose = () => {
    for (const { reject } of waiting.values()) reject(new Error('Firefox hung up'));
    waiting.clear();
  };
  let calls = 0;
  return {
    call: (method, params = {}) =>
      new Promise((resolve, reject) => {
        waiting.set(++calls, { resolve, reject });
        socket.send(JSON.stringify({ id: calls, method, params }));
      }),
    onEvent: (listen) => {
      listener = listen;
    },
  };
}

const TELL_POLICY = `() => document.addEventListener('securitypolicyviolation', (event) =>
  console.error('policy: ' + event.violatedDirective + ' blocked ' + event.blockedURI))`;

async function openPage({ call, onEvent }: Connection, url: string): Promise<Omit<FirefoxPage, 'close'>> {
  const problems: string[] = [];
  const { host } = new URL(url);
  onEvent((method, params) => {
    const { level, text, request } = params as { level?: string; text?: string; request?: { url: string } };
    if (method === 'log.entryAdded' && level === 'error') problems.push(`console: ${text}`);
    const to = request && new URL(request.url);
    if (to?.protocol.startsWith('http') && to.host !== host) problems.push(`asked elsewhere: ${to.href}`);
  });
  const { capabilities } = await call('session.new', { capabilities: {} });
  await call('session.subscribe', { events: ['log.entryAdded', 'network.beforeRequestSent'] });
  await call('script.addPreloadScript', { functionDeclaration: TELL_POLICY });
  const { contexts } = await call('browsingContext.getTree');
  const { context } = contexts[0];
  await call('browsingContext.navigate', { context, url, wait: 'complete' });

  const evaluate = async <T>(expression: string): Promise<T> => {
    const told = `Promise.resolve(${expression}).then((value) => JSON.stringify(value ?? null))`;
    const target = { context };
    const answer = await call('script.evaluate', { expression: told, target, awaitPromise: true });
    if (answer.type === 'exception') throw new Error(answer.exceptionDetails.text);
    return JSON.parse(answer.result.value);
  };
  const text = () => evaluate<string>('document.body.innerText');
  const until = async <T>(what: RegExp, look: () => Promise<T | null>): Promise<T> => {
    for (const dueMs = Date.now() + WAIT_MS; ; ) {
      const found = await look();
      if (found !== null) return found;
      if (Date.now() > dueMs)
        throw new Error(
          `waited in vain for ${what}; the page says:\n${await text()}\n${problems.join('\n')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  return {
    ...{ version: capabilities.browserVersion, problems, evaluate },
    untilText: (pattern) =>
      until(pattern, async () => (await text()).split('\n').find((line) => pattern.test(line)) ?? null),
    press: async (words) => {
      const expression = `(() => {
        const found = [...document.querySelectorAll('button')].find((one) => ${words}.test(one.textContent));
        found?.scrollIntoView({ block: 'center', behavior: 'instant' });
        return found;
      })()`;
      const element = await until(words, async () => {
        const { result } = await call('script.evaluate', {
          ...{ expression, target: { context }, awaitPromise: false },
        });
        return result.type === 'node' ? { sharedId: result.sharedId } : null;
      });
      const actions = [
        { type: 'pointerMove', x: 0, y: 0, origin: { type: 'element', element } },
        { type: 'pointerDown', button: 0 },
        { type: 'pointerUp', button: 0 },
      ];
      await call('input.performActions', { context, actions: [{ type: 'pointer', id: 'mouse', actions }] });
    },
  };
}
