// Whether this computer runs on battery, as far as Linux tells (Documentation/ABI/testing/sysfs-class-power).

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the kernel says of one source of power; null where it does not say. */
export interface Supply {
  /** "Mains", "USB", "Battery" ... */
  type: string | null;
  /** "Device" where it only feeds something else, such as a mouse. */
  scope: string | null;
  status: string | null;
  online: string | null;
}

/** Null where there is nothing that tells. */
export function isOnBattery(supplies: readonly Supply[]): boolean | null {
  const own = supplies.filter(({ scope }) => scope !== 'Device');
  const batteries = own.filter(({ type }) => type === 'Battery');
  const lines = own.filter(({ type, online }) => type !== 'Battery' && online !== null);
  if (lines.some(({ online }) => online !== '0')) return false;
  if (batteries.length > 0) return batteries.some(({ status }) => status === 'Discharging');
  return lines.length > 0 ? false : null;
}

const FOLDER = '/sys/class/power_supply';

/** What there is now; nothing where this is not Linux. */
export function suppliesHere(folder = FOLDER): Supply[] {
  try {
    return readdirSync(folder).map((name) => {
      const told = (what: string) => textOf(join(folder, name, what));
      return { type: told('type'), scope: told('scope'), status: told('status'), online: told('online') };
    });
  } catch {
    return [];
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}
