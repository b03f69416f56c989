import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { LANGUAGES, type Language, language, words } from '../words/index.ts';

/** What is done when another language is chosen. */
export const LanguageContext = createContext<(chosen: Language) => void>(() => {});

/** The languages by their own names, each of them a press away. */
export function LanguageChoice() {
  const choose = useContext(LanguageContext);
  const spoken = language();
  const all = Object.entries(LANGUAGES) as [Language, string][];
  return (
    <fieldset class="languages" aria-label={words().install.language}>
      {all.map(([code, name]) => (
        <button
          key={code}
          type="button"
          class="language"
          lang={code}
          aria-pressed={code === spoken}
          onClick={() => choose(code)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
