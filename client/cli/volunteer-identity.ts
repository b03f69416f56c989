import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { VolunteerReply } from '../../shared/protocol.ts';
import { postJson } from '../http.ts';
import { nodeOutbox } from '../storage/outbox-node.ts';
import { isKept, ownerOf } from '../volunteer/keeping.ts';
import { Refusal } from './local/refusal.ts';
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

/**
 * This terminal's token on that server, registered on first use and kept in the state folder. Another name is another
 * volunteer: refused while results of the one before wait. Throws ApiError and Refusal.
 */
export async function tokenFor(url: string, name: string | undefined): Promise<string> {
  const kept = keptFor(url);
  const isSame = name === undefined || kept.name === name;
  if (kept.token && isSame) return kept.token;
  if (kept.token) await checkDelivered(url, kept.token, kept.name);
  const named = name === undefined ? {} : { name };
  // Kept before it is sent: should the reply be lost, asking again makes no second volunteer.
  const nonce = (isSame && kept.nonce) || randomBytes(16).toString('hex');
  keep(url, { ...named, nonce });
  const { token } = await postJson<VolunteerReply>(`${url}/api/volunteers`, { ...named, nonce });
  keep(url, { token, ...named, nonce });
  return token;
}

/** What is finished can only be delivered by the volunteer who made it. */
async function checkDelivered(url: string, token: string, name: string | undefined): Promise<void> {
  const outbox = nodeOutbox(volunteerFolder(url), { accepts: isKept, onTrouble: () => {} });
  const owner = ownerOf(token);
  const n = (await outbox.all()).filter(({ value }) => value.owner === owner).length;
  if (n === 0) return;
  const [results, them] = n === 1 ? ['result', 'it'] : ['results', 'them'];
  const whose = name === undefined ? 'made here without a name' : `of ${name}`;
  throw new Refusal(
    `${n} finished ${results} ${whose} could not be delivered yet. Run the command without --name until the server has ${them}, then take another name.`,
  );
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
