import type { ComponentChildren } from 'preact';

const KEY = 'tabgrad.researcher-token';

/** The token kept for this tab's session, or nothing. */
export function loadToken(): string {
  try {
    return sessionStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

/** Keeps the token until the tab is closed, or forgets it. */
export function keepToken(token: string | null): void {
  try {
    if (token) sessionStorage.setItem(KEY, token);
    else sessionStorage.removeItem(KEY);
  } catch {}
}

interface TokenFieldProps {
  token: string;
  keep: boolean;
  onToken: (token: string) => void;
  onKeep: (keep: boolean) => void;
  /** Where it comes from and goes to. */
  children: ComponentChildren;
}

export function TokenField({ token, keep, onToken, onKeep, children }: TokenFieldProps) {
  return (
    <div class="token">
      <label class="field">
        Researcher token
        <input
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={token}
          required
          aria-describedby="token-help"
          onInput={(event) => onToken(event.currentTarget.value)}
        />
      </label>
      <p id="token-help" class="small">
        {children}
      </p>
      <label class="check">
        <input type="checkbox" checked={keep} onChange={(event) => onKeep(event.currentTarget.checked)} />
        keep it until this tab is closed
      </label>
    </div>
  );
}
