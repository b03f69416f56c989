import type { Session } from '../../../shared/engine/engine.ts';
import { wasmEngine } from '../../../shared/engine/wasm/engine.ts';
import type { Call, Reply, Request } from './messages.ts';

/** A thread's side of the pool: answers requests with the sessions it keeps. */
export function threadOf(post: (reply: Reply) => void): (request: Request) => Promise<void> {
  const sessions = new Map<number, Session>();
  return async (request) => {
    try {
      post({ id: request.id, value: await answer(sessions, request) });
    } catch (error) {
      post({ id: request.id, error: error instanceof Error ? error.message : String(error) });
    }
  };
}

async function answer(sessions: Map<number, Session>, request: Call): Promise<unknown> {
  if (request.call === 'prepare') {
    sessions.set(request.session, await wasmEngine(request.module).prepare(request.trainings));
    return null;
  }
  const session = sessions.get(request.session);
  if (!session) throw new Error('the session is over');
  switch (request.call) {
    case 'advance':
      return session.advance(request.until, request.evaluateAt);
    case 'weights':
      return session.weights(request.replica);
    case 'save':
      return session.save(request.replica);
    case 'restore':
      await session.restore(request.checkpoints);
      return session.stepsDone;
    case 'dispose':
      session.dispose();
      sessions.delete(request.session);
      return null;
  }
}
