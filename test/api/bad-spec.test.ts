import { beforeAll, describe, expect, test } from 'vitest';
import type { ErrorReply } from '../../shared/protocol.ts';
import { call, env, researcher, tinySpec } from './world.ts';

let token: string;
beforeAll(async () => {
  token = await researcher();
});

const storedSweeps = () => env.DB.prepare('SELECT count(*) AS n FROM sweeps').first<number>('n');

const send = (body: BodyInit) =>
  call('/api/sweeps', { method: 'POST', headers: { authorization: `Bearer ${token}` }, body });

async function refusal(body: BodyInit, status: number): Promise<ErrorReply['error']> {
  const response = await send(body);
  expect(response.status).toBe(status);
  expect(await storedSweeps()).toBe(0);
  return ((await response.json()) as ErrorReply).error;
}

const json = (more: object) => JSON.stringify(tinySpec('bad', more), null, 2);

describe('a spec that breaks a rule is refused with the field and what would be right', () => {
  test.each([
    ['p = 1', json({ task: { p: 1, trainFraction: 0.5 } }), 'task.p', '1', 'a whole number from 3 to 257'],
    ['an unknown op', json({ task: { op: 'sub', p: 5, trainFraction: 0.5 } }), 'task.op', '"sub"', 'add'],
    [
      'trainFraction 0',
      json({ task: { p: 5, trainFraction: 0 } }),
      'task.trainFraction',
      '0',
      'over 0 and under 1',
    ],
    [
      'trainFraction 1',
      json({ task: { p: 5, trainFraction: 1 } }),
      'task.trainFraction',
      '1',
      'over 0 and under 1',
    ],
    [
      '10^9 runs',
      json({ parameters: { seed: { min: 0, max: 999_999_999 } } }),
      'parameters',
      '1000000000',
      '1000000 runs',
    ],
    ['an unknown key', json({ optimiser: {} }), 'optimiser', '{...}', 'did you mean optimizer?'],
    ['a missing title', json({ title: undefined }), 'title', null, 'is required'],
  ])('%s', async (_, body, field, value, expected) => {
    const { code, message, problems = [] } = await refusal(body, 400);
    expect(code).toBe('bad-spec');
    expect(problems).toContainEqual({
      field,
      value,
      expected: expect.stringContaining(expected),
      line: expect.any(Number),
    });
    expect(message).toContain(`Line ${problems[0]?.line}`);
  });

  test('NaN in YAML, with its line', async () => {
    const yaml = json({}).replace('"lr": 0.01', '"lr": .nan');
    const { problems = [] } = await refusal(yaml, 400);
    const line = yaml.split('\n').findIndex((text) => text.includes('.nan')) + 1;
    expect(problems).toEqual([{ field: 'optimizer.lr', value: 'NaN', expected: expect.any(String), line }]);
  });

  test.each([
    ['text that is neither JSON nor YAML', '{"name": '],
    ['an empty body', ''],
    ['a list', '[1, 2]'],
    ['brackets in brackets', '['.repeat(20_000)],
    [
      'aliases that multiply',
      [
        'a: &a [x,x,x,x,x,x,x,x,x]',
        ...'bcdefgh'.split('').map((c, i) => `${c}: &${c} [${`*${'abcdefgh'[i]},`.repeat(9)}]`),
      ].join('\n'),
    ],
    [
      'keys of the prototype',
      json({}).replace(
        '"parameters": {',
        '"parameters": { "__proto__": { "value": 1 }, "constructor.name": { "value": 1 },',
      ),
    ],
  ])('%s', async (_, body) => {
    expect((await refusal(body, 400)).code).toBe('bad-spec');
  });
});

describe('a body that is too large is refused before anything reads it', () => {
  test('when it says how long it is', async () => {
    expect((await refusal(new Uint8Array(50 * 1024 * 1024), 413)).code).toBe('too-large');
  });

  test('when it does not', async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536));
        if (sent >= 50 * 1024 * 1024) controller.close();
      },
    });
    expect((await refusal(endless, 413)).code).toBe('too-large');
    expect(sent).toBeLessThan(1024 * 1024);
  });
});
