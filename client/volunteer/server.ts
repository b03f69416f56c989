import type { ExchangeReply, ExchangeRequest, HeldUnit } from '../../shared/protocol.ts';
import { VERSION } from '../../shared/protocol.ts';
import { postJson } from '../http.ts';

/** Why a unit is given back: the work went wrong, or the volunteer chose to leave. */
export interface HandBack {
  fault: boolean;
  reason: string;
}

/** What the volunteer loop needs of a server. Calls throw ApiError. */
export interface WorkServer {
  exchange(request: Omit<ExchangeRequest, 'version' | 'deviceId'>): Promise<ExchangeReply>;
  /** Whether the device still holds the unit. */
  heartbeat(held: HeldUnit): Promise<boolean>;
  handBack(held: HeldUnit, why: HandBack): Promise<void>;
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
  return {
    exchange: (request) => send<ExchangeReply>('exchange', request),
    heartbeat: async (held) => (await send<{ leased: boolean }>('heartbeat', held)).leased,
    handBack: async (held, why) => {
      await send('hand-back', { ...held, ...why });
    },
  };
}
