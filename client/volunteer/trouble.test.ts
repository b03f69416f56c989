import { expect, test } from 'vitest';
import { LENDING } from '../words/lending.ts';
import { type Trouble, troubleOf } from './trouble.ts';

test.each<[string, Trouble]>([
  [
    'Going on from step 40: the graphics device was lost: Device was removed: DXGI_ERROR_DEVICE_HUNG',
    'deviceHung',
  ],
  [
    'the graphics device was lost: D3D12 removing device: DXGI_ERROR_DEVICE_REMOVED (3 times by now)',
    'deviceRemoved',
  ],
  ['Going on from step 40: the graphics device was lost: destroyed', 'deviceLost'],
  ['the graphics device failed: something', 'deviceLost'],
  [
    'WebGPU stopped working: the graphics device has not enough memory for this run. Going on with the next engine',
    'gpuMemory',
  ],
  [
    'one replica needs 700 MiB at a stretch; this graphics device allows 128 MiB. It is handed back',
    'gpuMemory',
  ],
  ['WebGPU stopped working: the graphics device refuses this run: Tint WGSL reader failure', 'shader'],
  ['WebGPU found no graphics adapter: the graphics driver is blocked or missing.', 'noAdapter'],
  ['wasm stopped working: WebAssembly.Memory(): could not allocate memory', 'wasmMemory'],
  ['wasm stopped working: a thread of the wasm engine stopped: it ended with code 1', 'threadStopped'],
  ['Failed to fetch dynamically imported module: https://example.test/assets/engine.js', 'notLoaded'],
  ['No engine works here. wasm: did not start within 15 s; WebGPU: no graphics adapter', 'noEngine'],
  ['No engine of this device trains "Words": webgpu has no dropout. It is handed back', 'unsuited'],
  [
    'This device does not keep finished work (QuotaExceededError: full). Until it is delivered it lives only as long as this tab',
    'notKept',
  ],
  ['This device does not keep the runs in hand: its storage is full, or switched off.', 'notKept'],
  ['The server cannot be reached. Finished work is kept. Trying again in 12 s.', 'network'],
  ['The server did not answer within a minute.', 'network'],
  ['The answer of the server did not arrive whole.', 'network'],
  ['Another tab of this browser is training already.', 'elsewhere'],
  ['The server is busy', 'busy'],
  ['The server answered with status 502 and no reason.', 'serverFault'],
  ['2 finished results were damaged on this device and cannot be sent.', 'damaged'],
  ['More than 64 finished results wait for the server; the oldest are dropped.', 'undelivered'],
  [
    '2 finished results could not be delivered yet. They are kept here and sent when you next start.',
    'undelivered',
  ],
  ['Run 3 cannot be gone on with from where it was left: it is damaged. It is handed back', 'handedBack'],
  ['The data of "Digits" are not usable: their digest is another. It is handed back', 'handedBack'],
  ['What "Tickets" takes from other runs is not to be had: it is gone. It is handed back', 'handedBack'],
])('"%s" is %s', (words, kind) => {
  expect(troubleOf(words, null)).toBe(kind);
});

test('where the server says why, its code decides', () => {
  expect(troubleOf('Somebody else has it by now', 'no-such-lease')).toBe('lapsed');
  expect(troubleOf('Not these', 'run-not-in-unit')).toBe('lapsed');
  expect(troubleOf('The curve is too long', 'bad-result')).toBe('refused');
  expect(troubleOf('Too many', 'too-many')).toBe('busy');
  expect(troubleOf('Load the page again', 'version')).toBe('version');
  expect(troubleOf('Who?', 'unauthorized')).toBe('unknownHere');
  expect(troubleOf('Something of ours failed', 'internal')).toBe('serverFault');
});

test('what nobody has thought of is left to its own words', () => {
  expect(troubleOf('The moon is in the way', null)).toBeNull();
});

test('every kind says what happened and what to do, in both languages', () => {
  const kinds = ({ todo: _, original: __, ...said }: typeof LENDING.en.device.trouble) => said;
  expect(Object.keys(kinds(LENDING.de.device.trouble))).toEqual(
    Object.keys(kinds(LENDING.en.device.trouble)),
  );
  for (const said of [kinds(LENDING.en.device.trouble), kinds(LENDING.de.device.trouble)])
    for (const { what, todo } of Object.values(said)) {
      expect(what).toMatch(/\.$/);
      expect(todo).toMatch(/\.$/);
    }
});
