import type { Session } from '../../session.ts';
import { stepped } from './duty.ts';
import type { Shortcut } from './shortcuts.ts';
import { useShortcuts } from './use-shortcuts.ts';

/** Lets single keys control the training, unless that was switched off. Nothing is started by a key. */
export function useControlKeys(session: Session, onHelp: () => void): void {
  const { duty, shortcuts } = session.settings.value;
  useShortcuts(shortcuts, (shortcut) => {
    const { status } = session.state.value;
    const act: Record<Shortcut, () => void> = {
      pause: status === 'paused' ? session.resume : session.pause,
      finish: session.finish,
      stop: session.stop,
      more: () => session.change({ duty: stepped(duty, 1) }),
      less: () => session.change({ duty: stepped(duty, -1) }),
      help: onHelp,
    };
    const isForTraining = shortcut === 'pause' || shortcut === 'finish' || shortcut === 'stop';
    if (status !== 'off' || !isForTraining) act[shortcut]();
  });
}
