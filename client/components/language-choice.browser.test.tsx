import { signal } from '@preact/signals';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, expect, test } from 'vitest';
import { speak } from '../words/index.ts';
import { InstallButton, InstallContext, type InstallWay } from './InstallButton.tsx';
import { LanguageChoice, LanguageContext } from './LanguageChoice.tsx';

afterEach(async () => {
  await speak('en');
  document.body.replaceChildren();
});

const shown = () => document.body.appendChild(document.createElement('div'));

test('the languages are buttons with their own names, and the one in use says so', async () => {
  const chosen: string[] = [];
  const choice = (
    <LanguageContext.Provider value={(language) => chosen.push(language)}>
      <LanguageChoice />
    </LanguageContext.Provider>
  );
  const place = shown();
  await speak('de');
  act(() => render(choice, place));
  const buttons = [...place.querySelectorAll('button')];
  expect(buttons.map((b) => [b.textContent, b.lang, b.ariaPressed])).toEqual([
    ['English', 'en', 'false'],
    ['Deutsch', 'de', 'true'],
  ]);
  expect(place.querySelector('fieldset')?.ariaLabel).toBe('Sprache');
  buttons[0]?.click();
  expect(chosen).toEqual(['en']);
});

test('installing is offered only where it is possible, and explained where only the browser can do it', () => {
  const way = signal<InstallWay>(null);
  const place = shown();
  const view = (
    <InstallContext.Provider value={way}>
      <InstallButton />
    </InstallContext.Provider>
  );
  act(() => render(view, place));
  expect(place.textContent).toBe('');
  let asked = 0;
  act(() => {
    way.value = { by: 'prompt', install: () => asked++ };
  });
  place.querySelector('button')?.click();
  expect(asked).toBe(1);
  act(() => {
    way.value = { by: 'by-hand' };
  });
  expect(place.querySelector('button')).toBeNull();
  expect(place.querySelector('details')?.textContent).toContain('Add to Home Screen');
});
