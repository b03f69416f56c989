// The rules of the house as functions of a file's path and text; architecture.test.ts applies them.
import { posix } from 'node:path';

export type Source = { path: string; text: string };

const isTest = (path: string) => /\.test\.tsx?$/.test(path) || path.startsWith('test/');
const isUnder = (path: string, ...rooms: string[]) =>
  rooms.some((room) => path === room || path.startsWith(`${room}/`));

/** The text with comments and, on demand, the contents of strings blanked out; line breaks stay. */
export function strip(text: string, strings = false): string {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  return text.replaceAll(token, (match) => {
    if (match.startsWith('/')) return match.replaceAll(/[^\n]/g, ' ');
    if (!strings) return match;
    const embedded = match.startsWith('`')
      ? [...match.matchAll(/\$\{([^}]*)\}/g)].map(([, code]) => code)
      : [];
    return `${match.replaceAll(/[^\n]/g, ' ')} ${embedded.join(' ')}`;
  });
}

export type Import = { specifier: string; isTypeOnly: boolean };

/** Everything a module imports, re-exports or loads by URL. */
export function importsOf(text: string): Import[] {
  const code = strip(text);
  const statements = [
    ...code.matchAll(/^\s*(?:import|export)\s+(type\s+)?[^'"`;]*?from\s+(['"])([^'"\n]+)\2/gm),
    ...code.matchAll(/^\s*import\s+()(['"])([^'"\n]+)\2/gm),
    ...code.matchAll(/\bimport\(\s*()(['"])([^'"\n]+)\2\s*\)/g),
    ...code.matchAll(/\bnew URL\(\s*()(['"])(\.[^'"\n]+)\2\s*,\s*import\.meta\.url/g),
  ];
  return statements.map(([, type, , specifier]) => ({
    specifier: specifier ?? '',
    isTypeOnly: Boolean(type),
  }));
}

const entries = ['worker/index.ts', 'client/main.tsx', 'client/cli/main.ts'];

// Wording that pages and drawings share.
const wording = [
  ...['client/format.ts', 'client/session-state.ts', 'client/words'],
  ...['client/volunteer/advice.ts', 'client/volunteer/trouble.ts', 'client/engine/roofline.ts'],
];

// From a room (the first that matches), which places of ours may be imported, and which may not.
const arrows: { from: string[]; to: string[]; not?: string[] }[] = [
  { from: ['shared'], to: ['shared'] },
  { from: ['worker/store', 'worker/dispatcher'], to: ['shared', 'worker'], not: ['worker/routes'] },
  { from: ['worker'], to: ['shared', 'worker'] },
  { from: ['client/plots'], to: ['shared', 'client/plots', ...wording] },
  { from: ['client/components'], to: ['shared', 'client/components', 'client/plots', ...wording] },
  {
    from: ['client/engine', 'client/volunteer', 'client/cli', 'client/storage'],
    to: ['shared', 'client'],
    not: ['client/pages', 'client/components', 'client/plots'],
  },
  { from: ['client/pages'], to: ['shared', 'client', 'examples'] },
  { from: ['client'], to: ['shared', 'client'] },
];

const worker = 'worker';
const nodeStorage = /^client\/storage\/[^/]+-node\.ts$/;
const packagesOnly: { match: RegExp; rooms: string[] }[] = [
  { match: /^(preact|@preact\/|preact-iso|uplot)/, rooms: ['client'] },
  { match: /^@tensorflow\//, rooms: ['client/engine', 'client/cli'] },
  { match: /^(hono|cloudflare:|@hono\/)/, rooms: [worker] },
  { match: /^hyparquet/, rooms: [worker] },
  { match: /^fflate$/, rooms: ['shared/measures'] },
  { match: /^node:/, rooms: ['client/cli', worker] },
];

/** Broken import arrows of one file, in words. */
export function brokenArrows({ path, text }: Source): string[] {
  if (isTest(path) || !/^(shared|worker|client)\//.test(path)) return [];
  const rule = arrows.find(({ from }) => isUnder(path, ...from));
  return importsOf(text).flatMap(({ specifier, isTypeOnly }) => {
    const says = (why: string) => [`${path} imports ${specifier}: ${why}`];
    if (!specifier.startsWith('.')) return isPackageAllowed(path, specifier) ? [] : says('not in this room');
    const target = posix.join(posix.dirname(path), specifier.replace(/\?.*$/, ''));
    if (isTypeOnly && isUnder(path, 'client') && (isUnder(target, 'client') || target === 'worker/index.ts'))
      return [];
    if (!/\.\w+$/.test(target)) return says('the extension is missing');
    if (entries.includes(target)) return says('nothing imports an entry point');
    if (nodeStorage.test(target) && !nodeStorage.test(path) && !isUnder(path, 'client/cli'))
      return says('only a terminal has files');
    const isAllowed = rule && isUnder(target, ...rule.to) && !isUnder(target, ...(rule.not ?? []));
    return isAllowed ? [] : says('against the arrows');
  });
}

function isPackageAllowed(path: string, specifier: string): boolean {
  if (isUnder(path, 'shared')) {
    if (specifier === 'yaml') return path === 'shared/spec/text.ts';
    if (specifier === 'fflate') return isUnder(path, 'shared/measures');
    return specifier === 'valibot';
  }
  if (nodeStorage.test(path) && specifier.startsWith('node:')) return true;
  return packagesOnly.every(({ match, rooms }) => !match.test(specifier) || isUnder(path, ...rooms));
}

const impure =
  /(?<![.\w$])(Date|fetch|process|globalThis|performance|setTimeout|setInterval|queueMicrotask|crypto|navigator)\b(?!\s*\??:)|\bMath\.random\b/g;

/** What makes a file of shared/ depend on clock, chance, network or machine. */
export function impurities({ path, text }: Source): string[] {
  if (!isUnder(path, 'shared') || isTest(path)) return [];
  const names = strip(text, true).match(impure) ?? [];
  const markup = path.endsWith('.tsx') ? [`${path} draws; shared/ never does`] : [];
  return [...names.map((name) => `${path} uses ${name}`), ...markup];
}

const reaching =
  /(?<![.\w$])(fetch|localStorage|sessionStorage|indexedDB|location|history|navigator|caches|Worker)\b(?!\s*\??:)/g;

/** Where a drawing reaches past its props to the network, the storage or the address. */
export function reachingDrawings({ path, text }: Source): string[] {
  if (!isUnder(path, 'client/components', 'client/plots', ...wording) || isTest(path)) return [];
  return (strip(text, true).match(reaching) ?? []).map((name) => `${path} uses ${name}`);
}

const sql =
  /\bSELECT\s[\s\S]*?\sFROM\s|\bINSERT\s+(OR\s+\w+\s+)?INTO\s|\bUPDATE\s+\w+\s+SET\s|\bDELETE\s+FROM\s|\bCREATE\s+(TABLE|INDEX|UNIQUE)\b/;

/** SQL outside the rooms that own it. */
export function strayedSql({ path, text }: Source): string[] {
  if (isTest(path) || isUnder(path, 'worker/store', 'worker/dispatcher', 'worker/migrations')) return [];
  return sql.test(strip(text)) ? [`${path} contains SQL`] : [];
}

const lineCount = (text: string) => text.trimEnd().split('\n').length;

export function tooLong({ path, text }: Source, linesMax: number): string[] {
  return lineCount(text) > linesMax ? [`${path} has ${lineCount(text)} lines`] : [];
}

export function medianLines(sources: Source[]): number {
  const lengths = sources.map(({ text }) => lineCount(text)).sort((a, b) => a - b);
  return lengths[Math.floor(lengths.length / 2)] ?? 0;
}

/** The share of non-blank lines that are nothing but comment. */
export function commentShare(sources: Source[]): number {
  let lines = 0;
  let comments = 0;
  for (const { text } of sources) {
    const code = strip(text).split('\n');
    text.split('\n').forEach((line, i) => {
      if (line.trim() === '') return;
      lines++;
      if (code[i]?.trim() === '') comments++;
    });
  }
  return lines === 0 ? 0 : comments / lines;
}

type Manifest = Partial<
  Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>
> & { allowScripts?: Record<string, boolean> };

/** Dependencies whose version is a range. */
export function inexactVersions(manifest: Manifest): string[] {
  const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  const isExact = (version: string) => /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version);
  return Object.entries(all).flatMap(([name, version]) => (isExact(version) ? [] : [`${name} ${version}`]));
}

type LockFile = { packages: Record<string, { hasInstallScript?: boolean; resolved?: string }> };

/** Packages with an install script that nobody decided about, or that was let in. */
export function unjudgedScripts(lock: LockFile, { allowScripts = {} }: Manifest): string[] {
  const names = Object.entries(lock.packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.split('node_modules/').at(-1) ?? path);
  return names.filter((name) => allowScripts[name] !== false);
}

/** Entries that say where they came from, which would bind an install to that place. */
export function boundToRegistry(lock: LockFile): string[] {
  return Object.entries(lock.packages).flatMap(([path, { resolved }]) => (resolved ? [path] : []));
}
