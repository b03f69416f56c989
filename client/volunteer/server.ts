import type {
  ErrorReply,
  ExchangeReply,
  ExchangeRequest,
  HeldUnit,
  VolunteerReply,
} from '../../shared/protocol.ts';
import { VERSION } from '../../shared/protocol.ts';

/** The server said no, in words that can be shown. */
export class ServerRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return this.status >= 500 || this.status === 429;
  }
}

export interface WorkServer {
  exchange(request: Omit<ExchangeRequest, 'version' | 'deviceId'>): Promise<ExchangeReply>;
  /** Whether the device still holds the unit. */
  heartbeat(held: HeldUnit): Promise<boolean>;
  handBack(held: HeldUnit, reason: string): Promise<void>;
}

export interface Identity {
  token: string;
  /** 32 hexadecimal digits, kept by this browser or this terminal. */
  deviceId: string;
}

/** Calls the server at `origin` ("" for the page's own). Throws ServerRefusal, or TypeError without a network. */
export async function post<T>(origin: string, path: string, body: unknown, token?: string): Promise<T> {
  const response = await fetch(`${origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });
  const reply: unknown = await response.json().catch(() => null);
  if (response.ok) return reply as T;
  const error = (reply as Partial<ErrorReply> | null)?.error;
  throw new ServerRefusal(
    response.status,
    error?.code ?? 'internal',
    error?.message ?? `the server answered ${response.status}`,
  );
}

export const register = (origin: string, name?: string): Promise<VolunteerReply> =>
  post(origin, '/api/volunteers', name === undefined ? {} : { name });

export function workServer(origin: string, { token, deviceId }: Identity): WorkServer {
  const send = <T>(path: string, body: object) =>
    post<T>(origin, `/api/work/${path}`, { version: VERSION, deviceId, ...body }, token);
  return {
    exchange: (request) => send<ExchangeReply>('exchange', request),
    heartbeat: async (held) => (await send<{ leased: boolean }>('heartbeat', held)).leased,
    handBack: async (held, reason) => {
      await send('hand-back', { ...held, reason });
    },
  };
}
