// The colours of residues and of weights, for both themes.

type Rgb = readonly [number, number, number];

interface Scale {
  negative: Rgb;
  zero: Rgb;
  positive: Rgb;
}

const LIGHT: Scale = { negative: [22, 84, 160], zero: [246, 244, 239], positive: [177, 61, 12] };
const DARK: Scale = { negative: [112, 182, 255], zero: [27, 30, 37], positive: [255, 154, 92] };

export const scaleOf = (isDark: boolean): Scale => (isDark ? DARK : LIGHT);

/** The colour of a number from -1 to 1; beyond that as at the end. */
export function diverging({ negative, zero, positive }: Scale, x: number): Rgb {
  const end = x < 0 ? negative : positive;
  const share = Math.min(1, Math.abs(x));
  return [mix(zero[0], end[0], share), mix(zero[1], end[1], share), mix(zero[2], end[2], share)];
}

const mix = (from: number, to: number, share: number) => Math.round(from + share * (to - from));

/** As a colour of CSS. */
export const css = (colour: Rgb): string => `rgb(${colour.join(' ')})`;

/** From one end of the scale to the other; without `isSigned` from 0 on. */
export const gradient = (scale: Scale, isSigned: boolean): string =>
  `linear-gradient(to right, ${[...(isSigned ? [scale.negative] : []), scale.zero, scale.positive].map(css).join(', ')})`;

/** Residues go once around the wheel of hues, equally light. */
export const residueColour = (residue: number, p: number, isDark: boolean): string =>
  `oklch(${isDark ? 0.78 : 0.58} 0.14 ${Math.round((360 * residue) / p)})`;

const STOPS = 12;

/** The colours of all residues, from the first to the last. */
export const residueGradient = (isDark: boolean): string =>
  `linear-gradient(to right, ${Array.from({ length: STOPS + 1 }, (_, i) => residueColour(i, STOPS, isDark)).join(', ')})`;
