import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { VolunteerReply } from '../../shared/protocol.ts';
import { postJson } from '../http.ts';
import { defaultStateDir } from './local/state.ts';

interface Kept {
  token?: string;
  name?: string;
  nonce?: string;
}

const nameOf = (url: string) => new URL(url).host.replaceAll(/[^a-z0-9.-]/gi, '-');
const pathOf = (url: string) => join(defaultStateDir, 'volunteer', `${nameOf(url)}.json`);

/** Where this terminal keeps what it does for that server. */
export const volunteerFolder = (url: string) => join(defaultStateDir, 'volunteer', nameOf(url));

/** This terminal's token on that server, registered on first use and kept in the state folder. Throws ApiError. */
export async function tokenFor(url: string, name: string | undefined): Promise<string> {
  const kept = keptFor(url);
  const isSame = name === undefined || kept.name === name;
  if (kept.token && isSame) return kept.token;
  const named = name === undefined ? {} : { name };
  // Kept before it is sent: should the reply be lost, asking again makes no second volunteer.
  const nonce = (isSame && kept.nonce) || randomBytes(16).toString('hex');
  keep(url, { ...named, nonce });
  const { token } = await postJson<VolunteerReply>(`${url}/api/volunteers`, { ...named, nonce });
  keep(url, { token, ...named, nonce });
  return token;
}

export const forgetToken = (url: string): void => rmSync(pathOf(url), { force: true });

function keptFor(url: string): Kept {
  try {
    return JSON.parse(readFileSync(pathOf(url), 'utf8')) as Kept;
  } catch {
    return {};
  }
}

function keep(url: string, kept: Kept): void {
  const path = pathOf(url);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(kept), { mode: 0o600 });
}
