import { amount, runsWords } from '../format.ts';

/** The ring around what is the reader's own, as in the figures. */
export const MineRing = () => (
  <svg class="mine-ring" viewBox="0 0 12 12" aria-hidden="true">
    <circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" stroke-width="1.8" />
    <circle cx="6" cy="6" r="2" fill="currentColor" />
  </svg>
);

/** Marks something as the reader's own, by shape and in words. */
export const MineMark = ({ words }: { words: string }) => (
  <span class="mine">
    <MineRing />
    {words}
  </span>
);

interface MineSwitchProps {
  /** Runs of the reader's own among all. */
  own: number;
  all: number;
  isShown: boolean;
  onShow: (isShown: boolean) => void;
}

/** How the reader's own runs are marked, and the switch for it. */
export function MineSwitch({ own, all, isShown, onShow }: MineSwitchProps) {
  return (
    <p class="mine-switch">
      <MineRing />
      <span>
        {own === 1 ? '1 of' : `${amount(own)} of`} {runsWords(all)} {own === 1 ? 'is' : 'are'} yours, whole or
        in part. Your runs are the dots with this ring: where a run generalised, or hollow where its curve
        ends.
      </span>
      <label class="check">
        <input type="checkbox" checked={isShown} onChange={(e) => onShow(e.currentTarget.checked)} />
        mark yours
      </label>
    </p>
  );
}
