import { expect, test } from 'vitest';
import { explain, isInstalled, missingFrom } from './setup.mjs';

test('what npm said without a network is said in plain words first', () => {
  const words = explain('npm error code EAI_AGAIN\nnpm error request failed');
  expect(words).toMatch(/^The package registry cannot be reached/);
  expect(words).toContain('EAI_AGAIN');
  expect(explain('npm error code ENOSPC')).toMatch(/^The disk is full/);
  expect(explain('npm error code E404')).toMatch(/^npm could not install/);
});

test('an install is missing what is absent or of another version, other platforms’ packages aside', () => {
  const wanted = {
    '': { version: '1.0.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0' },
    'node_modules/c': { version: '1.0.0' },
    'node_modules/d-darwin': { version: '1.0.0', optional: true },
  };
  const installed = { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0' } };
  expect(missingFrom(installed, wanted)).toEqual(['node_modules/b', 'node_modules/c']);
});

test('this very install is complete', () => expect(isInstalled()).toBe(true));
