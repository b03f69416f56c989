// The way into every npm script: it runs on whatever Node the machine has and before anything is
// installed, so it is plain JavaScript without dependencies. It installs what the lock file says, then
// hands over to a script that runs on the installed Node.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, '..', '..', '..');

/** @type {Record<string, string>} */
const scripts = {
  start: join(here, 'start.ts'),
  reset: join(here, 'reset.ts'),
  test: join(here, 'test.ts'),
  build: join(here, 'build.ts'),
  format: join(here, 'format.ts'),
  kernels: join(here, 'kernels.ts'),
  tabgrad: join(here, '..', 'main.ts'),
  pictures: join(root, 'test', 'browser', 'pictures.ts'),
  bench: join(root, 'test', 'bench', 'main.ts'),
  soak: join(here, 'soak.ts'),
};

/** @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }} Entry */

/**
 * @param {string} path
 * @returns {Record<string, Entry>}
 */
const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

/**
 * The packages that are absent or of another version; those for other platforms may be absent.
 * @param {Record<string, Entry>} installed
 * @param {Record<string, Entry>} wanted
 */
export function missingFrom(installed, wanted) {
  return Object.keys(wanted).filter((path) => {
    const { version, optional, devOptional, peer } = wanted[path] ?? {};
    const found = installed[path];
    return path !== '' && (found ? found.version !== version : !(optional || devOptional || peer));
  });
}

/** True when node_modules holds what the lock file says. */
export function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  const wanted = join(root, 'package-lock.json');
  return existsSync(installed) && missingFrom(packagesOf(installed), packagesOf(wanted)).length === 0;
}

/** Installs with npm when needed; exits in plain words when that fails. */
export function install() {
  if (isInstalled()) return;
  say('Installing the packages (the first time takes up to a minute) ...');
  const started = Date.now();
  // No package needs its install script, and the lock file names every version, so the cache is as good.
  const flags = ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const byNode = npm?.endsWith('.js') && process.env.npm_node_execpath;
  const { status, stderr, error } = byNode
    ? spawnSync(byNode, [/** @type {string} */ (npm), ...flags], options())
    : spawnSync('npm', flags, { ...options(), shell: process.platform === 'win32' });
  if (status === 0) return say(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
  say(explain(String(stderr ?? error ?? '')));
  process.exit(1);
}

/** @returns {import('node:child_process').SpawnSyncOptionsWithStringEncoding} */
const options = () => ({ cwd: root, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });

/** @param {string} stderr */
export function explain(stderr) {
  const offline = /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|ENOTCACHED/.test(stderr);
  const reason = offline
    ? 'The package registry cannot be reached. Tabgrad needs the network once, to install; connect and run the same command again.'
    : /ENOSPC/.test(stderr)
      ? 'The disk is full. Free about 700 MB and run the same command again.'
      : 'npm could not install the packages.';
  return `${reason}\n\nnpm said:\n${stderr.trim().split('\n').slice(0, 12).join('\n')}`;
}

/** The installed Node 22, or this one where its platform has no Node package but is new enough. */
function node22() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const folders = [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`];
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  // Found by folder, because older npm does not link a program of that name.
  const installed = folders.map((name) => join(root, 'node_modules', name, 'bin', program)).find(existsSync);
  if (installed) return installed;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  say(
    `Tabgrad runs on Node 22.18 or newer, which is not installed for ${process.platform}-${process.arch}.\nIf the network failed, remove node_modules and try again; otherwise install it yourself.`,
  );
  process.exit(1);
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}

/** @param {string[]} args */
function handOver([name = '', ...args]) {
  const script = scripts[name];
  if (!script) throw new Error(`no such command: ${name}`);
  install();
  const node = node22();
  const child = spawn(node, [script, ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
  });
  // The child decides how to stop; leaving before it would orphan a server. A terminal's Ctrl-C reaches it by itself.
  const atTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  process.on('SIGINT', () => atTerminal || child.kill('SIGINT'));
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal));
  }
  // The shell between npm and us does not pass signals on; losing it is how a killed npm is noticed.
  const parent = process.ppid;
  const isUnderNpm = process.env.npm_lifecycle_event !== undefined;
  setInterval(() => isUnderNpm && process.ppid !== parent && child.kill('SIGTERM'), 300).unref();
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
}

const called = process.argv[1] && realpathSync(process.argv[1]);
if (called === fileURLToPath(import.meta.url)) handOver(process.argv.slice(2));
