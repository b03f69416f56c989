import type { ComponentChildren } from 'preact';
import type { PartProps } from './Before.tsx';
import { SettingsPanel } from './SettingsPanel.tsx';

interface SettingsHereProps extends Pick<PartProps, 'session' | 'settings' | 'onShowKeys'> {
  children?: ComponentChildren;
}

/** The settings under the conditions of this device. */
export function SettingsHere({ session, settings, onShowKeys, children }: SettingsHereProps) {
  return (
    <SettingsPanel
      settings={settings}
      conditions={session.conditions.value}
      canKeepScreenOn={'wakeLock' in navigator}
      onChange={session.change}
      onShowKeys={onShowKeys}
    >
      {children}
    </SettingsPanel>
  );
}
