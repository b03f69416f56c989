// What pictures are drawn with: text that fits, in the colours of the light theme (client/style-tokens.css).

/** Link previews are drawn at this size everywhere. */
export const SIZE = { width: 1200, height: 630 } as const;
export const MARGIN = 64;

export const INK = {
  paper: '#faf9f6',
  surface: '#ffffff',
  ink: '#1a1c22',
  soft: '#464a55',
  faint: '#646974',
};
export const LINE = '#e4e1d9';
export const ACCENT = '#b13d0c';
export const TRAIN = '#6d7380';
const CELLS = ['#251a86', '#5109a3', '#7a0fa8', '#9c2298', '#b83280', '#cc4263', '#d25a3a', '#c57606'];
const HEAT = [
  ...['#f1eee7', '#fbe4d0', '#f9d0af', '#f5b78b', '#ec9863', '#dc7a43'],
  ...['#bd531e', '#963a0c', '#6a2303'],
];

/** A cell has the colour it has on the page of its sweep. */
export const cellColour = (cell: number, cells: number): string =>
  CELLS[cells <= 1 ? 5 : Math.round((cell * (CELLS.length - 1)) / (cells - 1))] as string;

/** The colour of a share from 0 to 1, and of what is written on it. */
export function heat(share: number): { fill: string; ink: string } {
  const step = Math.round(share * (HEAT.length - 1));
  return { fill: HEAT[step] as string, ink: step > 5 ? '#ffffff' : INK.ink };
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as XML may hold it: what it forbids altogether is left out. */
export const escaped = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that XML forbids
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] as string);

/** How wide a character of Inter is, roughly, in ems. */
function widthOf(character: string): number {
  if (/[iljtfrI.,:;'|!()[\] ]/.test(character)) return 0.34;
  if (/[mwMW%@]/.test(character)) return 0.92;
  return /[A-Z0-9<>=+&]/.test(character) ? 0.68 : 0.61;
}

/** Rarely less than it takes: what is bold is a little wider. */
export const textWidth = (text: string, size: number): number =>
  size * [...text].reduce((sum, character) => sum + widthOf(character), 0);

/** The beginning of a text that fits into a width, with an ellipsis where something is left out. */
export function clipped(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  const characters = [...text];
  while (characters.length > 0 && textWidth(`${characters.join('')}…`, size) > width) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

/** A text in lines of a width; what does not fit into so many lines ends in an ellipsis. */
export function wrapped(text: string, size: number, width: number, linesMax: number): string[] {
  const lines: string[] = [];
  let line = '';
  const words = text.trim().split(/\s+/);
  for (const [i, word] of words.entries()) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line === '' || textWidth(longer, size) <= width) line = longer;
    else if (lines.length === linesMax - 1)
      return [...lines, clipped([line, ...words.slice(i)].join(' '), size, width)];
    else {
      lines.push(clipped(line, size, width));
      line = word;
    }
  }
  return [...lines, clipped(line, size, width)];
}

/** All that the letters of the pictures do not have: they have Latin, Greek, Cyrillic and common signs. */
const ILLEGIBLE = /[^\u0020-\u052f\u1e00-\u1fff\u2010-\u22ff]+/gu;

/** A text without what cannot be drawn; the other text where not much is left. */
export function legible(text: string, instead: string): string {
  const left = text.replaceAll(ILLEGIBLE, '').trim();
  return 2 * left.length > text.length ? left : instead;
}

interface Style {
  size: number;
  fill?: string;
  bold?: boolean;
  anchor?: 'start' | 'middle' | 'end';
}

export const text = (content: string, x: number, y: number, style: Style): string => {
  const { size, fill = INK.ink, bold = false, anchor = 'start' } = style;
  const weight = bold ? ' font-weight="700"' : '';
  return `<text x="${px(x)}" y="${px(y)}" font-size="${size}" fill="${fill}" text-anchor="${anchor}"${weight}>${escaped(content)}</text>`;
};

/** A length or place with at most one decimal. */
export const px = (value: number): string => String(Math.round(10 * value) / 10);

const groups = new Intl.NumberFormat('en', { useGrouping: 'min2', maximumFractionDigits: 1 });
/** A count as the pages write it: "1500", "12,500". */
export const amount = (n: number): string => groups.format(n);

export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}
