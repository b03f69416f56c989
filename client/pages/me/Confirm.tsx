import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface ConfirmProps {
  title: string;
  yes: string;
  no: string;
  /** Whether "yes" may be pressed. */
  isReady?: boolean;
  isBusy: boolean;
  onYes: () => void;
  onNo: () => void;
  /** What exactly will happen. */
  children: ComponentChildren;
}

/** Asks before something that cannot be taken back. Shown while it is mounted; Escape means no. */
export function Confirm({ title, yes, no, isReady = true, isBusy, onYes, onNo, children }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => before?.focus();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="confirm"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onNo();
      }}
    >
      <form
        class="confirm-body"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) onYes();
        }}
      >
        <h2 id={id}>{title}</h2>
        {children}
        <p class="actions">
          <button type="submit" class="button button-danger" disabled={!isReady} aria-disabled={isBusy}>
            {yes}
          </button>
          <button type="button" class="button" onClick={onNo}>
            {no}
          </button>
        </p>
      </form>
    </dialog>
  );
}
