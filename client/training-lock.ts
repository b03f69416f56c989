// One tab of a browser trains: two would hold the same unit and do the same work twice. Who does holds a Web Lock.

/** Held by the worker that trains. */
export const TRAINING_LOCK = 'tabgrad training';
/** On which tabs tell each other what changed. */
export const TABS_CHANNEL = 'tabgrad tabs';
/** 'changed': a tab has begun to train. 'yield': whoever trains is asked to stop. */
export type TabsMessage = 'changed' | 'yield';

/** Tabs that only look hold the lock for an instant. */
const PATIENCE_MS = 1000;

/**
 * Does what only one tab may do at a time. False, and nothing is done, where another tab does it. A browser without locks
 * is trusted. Rejects as the work does.
 */
export async function alone(work: () => Promise<void>): Promise<boolean> {
  const { locks } = navigator;
  if (!locks) {
    await work();
    return true;
  }
  let isBegun = false;
  try {
    await locks.request(TRAINING_LOCK, { signal: AbortSignal.timeout(PATIENCE_MS) }, async () => {
      isBegun = true;
      tellTabs('changed');
      await work();
    });
  } catch (error) {
    if (isBegun) throw error;
  }
  return isBegun;
}

function tellTabs(message: TabsMessage): void {
  if (typeof BroadcastChannel === 'undefined') return;
  const channel = new BroadcastChannel(TABS_CHANNEL);
  channel.postMessage(message);
  channel.close();
}
