import { expect, test } from 'vitest';
import { call } from '../test/api/world.ts';
import { networkOf } from './rate-limit.ts';

const register = (address: string) =>
  call('/api/volunteers', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'cf-connecting-ip': address },
    body: '{}',
  });

test.each([
  ['203.0.113.77', '203.0.113'],
  ['2001:db8:12:3456::1', '2001:db8:12'],
  ['2001:0db8:0012:3456:0:0:0:1', '2001:db8:12'],
  ['2001:db8::1', '2001:db8:0'],
  ['::1', '0:0:0'],
])('%s is of the network %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test('a network that registers without end is told to wait, and others are not', async () => {
  const statuses: number[] = [];
  for (let i = 0; i < 61; i++) statuses.push((await register(`198.51.100.${i}`)).status);
  expect(statuses.slice(0, 60)).toEqual(Array(60).fill(201));
  const refused = await register('198.51.100.200');
  expect([statuses[60], refused.status, refused.headers.get('retry-after')]).toEqual([429, 429, '60']);
  expect(await refused.json()).toMatchObject({ error: { code: 'too-many' } });
  expect((await register('192.0.2.1')).status).toBe(201);
});
