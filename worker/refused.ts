// Results that were not taken are noted for their volunteer's own page. Whatever goes wrong there keeps nobody from work.

import { LIMITS } from '../shared/limits.ts';
import type { ExchangeReply } from '../shared/work.ts';
import { SEND_FIRST } from './dispatcher/decide.ts';
import type { Env } from './env.ts';
import { noteRefused } from './store/refusals.ts';

/** Notes what among the verdicts is a refusal for good. Never throws. */
export async function noteRefusals(
  { DB, STATES }: Pick<Env, 'DB' | 'STATES'>,
  volunteerId: string,
  verdicts: ExchangeReply['verdicts'],
  nowMs: number,
): Promise<void> {
  const refused = verdicts.flatMap(({ sweepId, run, to, verdict, code, message }) =>
    verdict === 'refused' && !message?.endsWith(SEND_FIRST)
      ? [{ sweepId, run, to, code, message: (message ?? '').slice(0, LIMITS.refusalTextMax) }]
      : [],
  );
  if (refused.length === 0) return;
  try {
    // Nobody has so many for a good reason, and every one is written.
    if (!(await STATES.limit({ key: `refused.${volunteerId}` })).success) return;
    await noteRefused(DB, volunteerId, refused, nowMs);
  } catch (error) {
    console.error(error);
  }
}
