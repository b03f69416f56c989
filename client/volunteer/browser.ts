// Which browser and system a page runs in, from what they say of themselves.

export type Browser =
  | 'chrome'
  | 'edge'
  | 'opera'
  | 'samsung'
  | 'brave'
  | 'vivaldi'
  | 'chromium'
  | 'firefox'
  | 'safari'
  | 'app'
  | 'other';
export type Os = 'windows' | 'mac' | 'linux' | 'chromeos' | 'android' | 'ios' | 'other';
/** What renders the page. On iOS that is WebKit, whatever the browser is called. */
export type Family = 'chromium' | 'gecko' | 'webkit' | 'other';

export interface Said {
  userAgent: string;
  /** The names in `navigator.userAgentData`, where there is such. */
  brands?: readonly string[];
  /** Tells an iPad, which calls itself a Mac, from a Mac. */
  touchPoints?: number;
}

export interface Identity {
  browser: Browser;
  /** Its own version; null where it does not say. */
  version: number | null;
  os: Os;
  family: Family;
  /** What decides about features: the version of Chromium or Firefox, of Safari, or of iOS. */
  familyVersion: number | null;
}

/** The first that fits counts; names of the same browser on iOS included. */
const BROWSERS: readonly (readonly [Browser, RegExp])[] = [
  ['app', /\b(?:FBAN|FBAV|Instagram|Line|MicroMessenger|GSA|Snapchat|Pinterest)\b|musical_ly|TikTok|; wv\)/],
  ['edge', /\b(?:Edg|EdgA|EdgiOS|Edge)\/(\d+)/],
  ['opera', /\b(?:OPR|OPT|OPiOS|OPX)\/(\d+)/],
  ['samsung', /\bSamsungBrowser\/(\d+)/],
  ['vivaldi', /\bVivaldi\/(\d+)/],
  ['brave', /\bBrave(?: Chrome)?\/(\d+)/],
  ['firefox', /\b(?:Firefox|FxiOS|Focus)\/(\d+)/],
  ['chrome', /\bCriOS\/(\d+)/],
  ['chromium', /\bChromium\/(\d+)/],
  ['chrome', /\bChrome\/(\d+)/],
  ['safari', /\bVersion\/(\d+)[\d.]*(?: Mobile\/\w+)? Safari\//],
];

const BRANDS: readonly (readonly [RegExp, Browser])[] = [
  [/brave/i, 'brave'],
  [/vivaldi/i, 'vivaldi'],
  [/opera/i, 'opera'],
  [/edge/i, 'edge'],
];

const SYSTEMS: readonly (readonly [Os, RegExp])[] = [
  ['ios', /\b(?:iPhone|iPad|iPod)\b/],
  ['android', /\bAndroid\b/],
  ['chromeos', /\bCrOS\b/],
  ['windows', /\bWindows\b/],
  ['mac', /\bMacintosh\b/],
  ['linux', /\bLinux\b|\bX11\b/],
];

const numberIn = (text: string, pattern: RegExp): number | null => {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? null : Number(found);
};

export function identify({ userAgent, brands = [], touchPoints = 0 }: Said): Identity {
  const named = SYSTEMS.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? 'other';
  const os = named === 'mac' && touchPoints > 1 ? 'ios' : named;
  const [told = 'other', pattern] = BROWSERS.find(([, one]) => one.test(userAgent)) ?? [];
  const branded = BRANDS.find(([name]) => brands.some((brand) => name.test(brand)))?.[1];
  const browser = told === 'chrome' ? (branded ?? told) : told;
  const version = pattern ? numberIn(userAgent, pattern) : null;
  return { browser, version, os, ...familyOf(userAgent, os) };
}

function familyOf(userAgent: string, os: Os): Pick<Identity, 'family' | 'familyVersion'> {
  const safari = numberIn(userAgent, /\bVersion\/(\d+)/);
  if (os === 'ios') {
    // Safari of iOS 26 says that it is iOS 18, but not that it is Safari 18.
    const system = numberIn(userAgent, /\bOS (\d+)_/);
    const newest = Math.max(system ?? 0, safari ?? 0);
    return { family: 'webkit', familyVersion: newest === 0 ? null : newest };
  }
  const chromium = numberIn(userAgent, /\bChrom(?:e|ium)\/(\d+)/);
  if (chromium !== null) return { family: 'chromium', familyVersion: chromium };
  const firefox = numberIn(userAgent, /\bFirefox\/(\d+)/);
  if (firefox !== null) return { family: 'gecko', familyVersion: firefox };
  if (/\bAppleWebKit\//.test(userAgent)) return { family: 'webkit', familyVersion: safari };
  return { family: 'other', familyVersion: null };
}
