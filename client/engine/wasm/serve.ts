import { WasmSession } from '../../../shared/engine/wasm/session.ts';
import type { Call, Reply, Request } from './messages.ts';
import { threadPeaks } from './peaks.ts';

/** A thread's side of the pool: answers requests with the sessions it keeps. */
export function threadOf(post: (reply: Reply) => void): (request: Request) => Promise<void> {
  const sessions = new Map<number, WasmSession>();
  return async (request) => {
    try {
      post({ id: request.id, value: await answer(sessions, request) });
    } catch (error) {
      post({ id: request.id, error: error instanceof Error ? error.message : String(error) });
    }
  };
}

async function answer(sessions: Map<number, WasmSession>, request: Call): Promise<unknown> {
  if (request.call === 'prepare') {
    sessions.set(request.session, new WasmSession(request.module, request.trainings));
    return null;
  }
  if (request.call === 'peaks') return threadPeaks(request.bytes);
  const session = sessions.get(request.session);
  if (!session) throw new Error('the session is over');
  switch (request.call) {
    case 'advance':
      return session.advance(request.until, request.evaluateAt);
    case 'weights':
      return session.weights(request.replica);
    case 'popup':
      return session.popup(request.replica);
    case 'save':
      return session.save(request.replica);
    case 'check':
      return session.stepOf(request.checkpoints);
    case 'restore':
      await session.restore(request.checkpoints);
      return null;
    case 'dispose':
      session.dispose();
      sessions.delete(request.session);
      return null;
  }
}
