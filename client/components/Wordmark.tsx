/** A browser tab in which a curve rises late. */
export function Wordmark() {
  return (
    <span class="wordmark">
      <svg
        viewBox="0 0 32 32"
        width="30"
        height="30"
        fill="none"
        stroke-linecap="round"
        stroke-linejoin="round"
        aria-hidden="true"
      >
        <path
          class="wordmark-tab"
          stroke-width="2.5"
          d="M2.5 27V9a4 4 0 0 1 4-4h5.2a4 4 0 0 1 3.2 1.6l1.2 1.6a4 4 0 0 0 3.2 1.6h6.2a4 4 0 0 1 4 4V27"
        />
        <path class="wordmark-curve" stroke-width="3.5" d="M2.5 27H14c7 0 3.5-9.5 10-9.5h5.5" />
      </svg>
      Tabgrad
    </span>
  );
}
