interface ScaleProps {
  /** A gradient of CSS. */
  background: string;
  /** What stands below it, from its left to its right end. */
  words: readonly string[];
}

/** Which colour means what. */
export const Scale = ({ background, words }: ScaleProps) => (
  <div class="scale">
    <span class="scale-bar" style={{ background }} aria-hidden="true" />
    <span class="scale-words">
      {words.map((one) => (
        <span key={one}>{one}</span>
      ))}
    </span>
  </div>
);
