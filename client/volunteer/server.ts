import { type ErrorReply, VERSION } from '../../shared/protocol.ts';
import type {
  ExchangeReply,
  ExchangeRequest,
  HandBackRequest,
  HeartbeatRequest,
  HeldUnit,
} from '../../shared/work.ts';
import { ApiError, postJson } from '../http.ts';

type Said<T> = Omit<T, 'version' | 'deviceId'>;

/** Why a unit is given back. */
export type HandBack = Pick<HandBackRequest, 'why' | 'run' | 'reason'>;
export type Exchange = Said<ExchangeRequest>;
export type Beat = Said<HeartbeatRequest>;

/** What the volunteer loop needs of a server. Calls throw ApiError; all of them may be repeated. */
export interface WorkServer {
  exchange(request: Exchange): Promise<ExchangeReply>;
  /** Whether the device still holds the unit. */
  heartbeat(beat: Beat): Promise<boolean>;
  handBack(held: HeldUnit, why: HandBack): Promise<void>;
  putState(digest: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Null where the server has no such state. */
  getState(digest: string): Promise<Uint8Array<ArrayBuffer> | null>;
}

export interface Identity {
  token: string;
  /** 32 hexadecimal digits, kept by this browser or this terminal. */
  deviceId: string;
}

/** The server at `origin` ("" for the page's own). */
export function workServer(origin: string, { token, deviceId }: Identity): WorkServer {
  const send = <T>(path: string, body: object) =>
    postJson<T>(`${origin}/api/work/${path}`, { version: VERSION, deviceId, ...body }, token);
  const state = (digest: string, init: RequestInit) =>
    bytesOf(`${origin}/api/work/states/${digest}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    });
  return {
    exchange: (request) => send<ExchangeReply>('exchange', request),
    heartbeat: async (beat) => (await send<{ leased: boolean }>('heartbeat', beat)).leased,
    handBack: async (held, why) => {
      await send('hand-back', { ...held, ...why });
    },
    putState: async (digest, bytes) => {
      await state(digest, { method: 'PUT', body: bytes });
    },
    getState: (digest) =>
      state(digest, {}).catch((error: ApiError) => {
        if (error.status === 404) return null;
        throw error;
      }),
  };
}

async function bytesOf(url: string, init: RequestInit): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(url, init);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    const body = (await response.json().catch(() => null)) as ErrorReply | null;
    const words = body?.error.message ?? `The server answered with status ${response.status} and no reason.`;
    throw new ApiError(words, response.status, body?.error.code ?? null);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError('The server cannot be reached. Check the connection and try again.');
  }
}
