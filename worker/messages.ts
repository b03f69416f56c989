// What devices say about work, checked and in the words of today, whichever version they speak and whatever way they
// come: HTTP and WebSockets both read messages here.

import * as v from 'valibot';
import { fromBase64 } from '../shared/bytes.ts';
import { VERSION } from '../shared/protocol.ts';
import { problemsOf } from '../shared/spec/problems.ts';
import {
  type ExchangeReply,
  type ExchangeRequest,
  exchangeRequest,
  type FinishedRun,
  type HandBackRequest,
  type HeartbeatRequest,
  handBackRequest,
  heartbeatRequest,
  type SocketRequest,
  socketRequest,
} from '../shared/work.ts';
import { Refusal } from './errors.ts';
import * as version1 from './version-1.ts';

/** What a device wants of the front door, or of a dispatcher. */
export interface WorkExchange extends ExchangeRequest {
  /** Whether the device can go on from a state, and leave one. */
  continues: boolean;
}

/** A request, and how the device that sent it is to be told the reply. */
export interface Asked<Request, Reply> {
  request: Request;
  inItsVersion(reply: Reply): unknown;
}

const asItIs = <T>(reply: T): T => reply;

/** Throws a refusal where the body does not fit. `lastStepOf` is asked on behalf of old clients only. */
export async function readExchange(
  body: unknown,
  lastStepOf: version1.LastStepOf,
): Promise<Asked<WorkExchange, ExchangeReply>> {
  if (versionOf(body) === 1)
    return {
      request: await version1.exchangeToNow(fitting(version1.exchangeRequest, body), lastStepOf),
      inItsVersion: version1.exchangeReplyFromNow,
    };
  return { request: { ...fitting(exchangeRequest, body), continues: true }, inItsVersion: asItIs };
}

/** Throws a refusal where the body does not fit. Replies are the same in every version. */
export const readHeartbeat = (body: unknown, nowMs: number): HeartbeatRequest =>
  versionOf(body) === 1
    ? version1.heartbeatToNow(fitting(version1.heartbeatRequest, body), nowMs)
    : fitting(heartbeatRequest, body);

/** Throws a refusal where the body does not fit. Replies are the same in every version. */
export const readHandBack = (body: unknown): HandBackRequest =>
  versionOf(body) === 1
    ? version1.handBackToNow(fitting(version1.handBackRequest, body))
    : fitting(handBackRequest, body);

/**
 * A message that came over a WebSocket, which only today's version does. Its id is null where it has none; the rest is
 * checked when asked for, and throws a refusal where it does not fit.
 */
export function readSocketMessage(text: string): { id: number | null; request: () => SocketRequest } {
  const message = parsed(text);
  const id = isObject(message) && Number.isSafeInteger(message.id) ? Number(message.id) : null;
  const request = () => {
    const version = versionOf(isObject(message) ? message.body : null);
    if (version === version1.VERSION_1) throw otherVersion(version);
    return fitting(socketRequest, message);
  };
  return { id, request };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** A result as a dispatcher takes it. What is not base64 is as good as no bytes, and refused as such. */
export const unpacked = ({ sweepId: _, curve, ...result }: FinishedRun) => ({
  ...result,
  curve: fromBase64(curve) ?? new Uint8Array(),
});

/** Throws a refusal where a request that says its version in its address says another. States came with version 2. */
export function checkVersion(text: string | undefined): void {
  const version = /^\d{1,6}$/.test(text ?? '') ? Number(text) : undefined;
  if (version !== undefined && version !== VERSION) throw otherVersion(version);
}

/** The version of a message, which need not fit any schema of ours. Throws a refusal for one that is not spoken here. */
function versionOf(body: unknown): number | undefined {
  const version = isObject(body) ? body.version : undefined;
  if (typeof version !== 'number') return undefined;
  if (version !== VERSION && version !== version1.VERSION_1) throw otherVersion(version);
  return version;
}

const otherVersion = (version: number) =>
  new Refusal('version', `This server speaks version ${VERSION}, not ${version}. Load the page again.`);

function fitting<T extends v.GenericSchema>(schema: T, body: unknown): v.InferOutput<T> {
  const read = v.safeParse(schema, body);
  if (read.success) return read.output;
  throw new Refusal('bad-request', 'The body does not fit.', problemsOf(read.issues));
}
