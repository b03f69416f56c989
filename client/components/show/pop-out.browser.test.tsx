import '../../style.css';
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PopOut } from './PopOut.tsx';

const box = document.createElement('div');
const frame = document.createElement('iframe');
const given = Object.getOwnPropertyDescriptor(globalThis, 'documentPictureInPicture');
const give = (windows: unknown) =>
  Object.defineProperty(globalThis, 'documentPictureInPicture', { value: windows, configurable: true });
beforeEach(() => document.body.append(box, frame));
afterEach(() => {
  act(() => render(null, box));
  box.remove();
  frame.remove();
  if (given) Object.defineProperty(globalThis, 'documentPictureInPicture', given);
  else Reflect.deleteProperty(globalThis, 'documentPictureInPicture');
});

const shown = (words: string) => act(() => render(<PopOut>{words}</PopOut>, box));
const button = () => box.querySelector('button');
const press = () => act(async () => button()?.click());
const little = () => frame.contentDocument?.body.textContent;

test('where the browser has no little windows there is no button', () => {
  give(undefined);
  shown('step 1');
  expect(button()).toBeNull();
});

test('the little window shows the same, in the same clothes, and goes on with it until it is closed', async () => {
  const close = vi.spyOn(frame.contentWindow as Window, 'close');
  give({ requestWindow: async () => frame.contentWindow });
  shown('step 1');
  await press();
  await vi.waitFor(() => expect(little()).toBe('step 1'));
  expect(frame.contentDocument?.head.querySelectorAll('style, link').length).toBeGreaterThan(0);
  shown('step 2');
  await vi.waitFor(() => expect(little()).toBe('step 2'));
  expect(button()?.textContent).toBe('Close the little window');
  await press();
  expect(close).toHaveBeenCalled();
  expect(button()?.textContent).toBe('Little window');
});

test('a little window that its own cross closes gives the button back, and one is closed with the page', async () => {
  const close = vi.spyOn(frame.contentWindow as Window, 'close');
  give({ requestWindow: async () => frame.contentWindow });
  shown('step 1');
  await press();
  act(() => void frame.contentWindow?.dispatchEvent(new Event('pagehide')));
  await vi.waitFor(() => expect(button()?.textContent).toBe('Little window'));
  close.mockClear();
  await press();
  act(() => render(null, box));
  expect(close).toHaveBeenCalledOnce();
});

test('a browser that refuses a little window leaves the button as it was', async () => {
  give({ requestWindow: async () => Promise.reject(new DOMException('no', 'NotAllowedError')) });
  shown('step 1');
  await press();
  expect(button()?.textContent).toBe('Little window');
});
