import { Refusal } from './local/refusal.ts';

/** The number that an option says; undefined where it was not given. Refuses what is no whole number within the bounds. */
export function wholeNumber(
  text: unknown,
  option: string,
  [min, max]: readonly [number, number],
): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(String(text)) && number >= min && number <= max) return number;
  throw new Refusal(`${option}: "${text}" is not a whole number from ${min} to ${max}`);
}
