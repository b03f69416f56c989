import { beforeEach, describe, expect, test, vi } from 'vitest';
import { forget } from '../../worker/cache.ts';
import app from '../../worker/index.ts';
import { pictureOf } from '../../worker/og/kept.ts';
import { call, env, newSweep, Volunteer } from './world.ts';

beforeEach(() => forget());

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const HOSTILE = '</title><script>alert(1)</script> & "quotes"';

async function pngIn(response: Response) {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const view = new DataView(bytes.buffer);
  return { signature: [...bytes.slice(0, 8)], width: view.getUint32(16), height: view.getUint32(20), bytes };
}

describe('pictures of link previews', () => {
  test('the home page has one, drawn at the size that previews are', async () => {
    const response = await call('/og/home.png');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    const { signature, width, height, bytes } = await pngIn(response);
    expect([signature, width, height]).toEqual([SIGNATURE, 1200, 630]);
    expect(bytes.length).toBeLessThan(300_000);
  });

  test('who has the picture is told that it is the same', async () => {
    const etag = (await call('/og/home.png')).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
    const again = await call('/og/home.png', { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  test('a sweep has one, of whatever is finished, also with a hostile title', async () => {
    const id = await newSweep('drawn', { title: HOSTILE });
    const empty = await call(`/og/sweeps/${id}.png`);
    expect((await pngIn(empty)).signature).toEqual(SIGNATURE);
    await (await Volunteer.join('Grace')).finish(id);
    // The kept one is shown for a while; then it is drawn anew.
    expect((await call(`/og/sweeps/${id}.png`)).headers.get('etag')).toBe(empty.headers.get('etag'));
    await env.BLOBS.delete(`pictures/sweeps/${id}.png`);
    const drawn = await call(`/og/sweeps/${id}.png`);
    expect((await pngIn(drawn)).signature).toEqual(SIGNATURE);
    expect(drawn.headers.get('etag')).not.toBe(empty.headers.get('etag'));
  });

  test('what is not there has none, and leaves nothing behind', async () => {
    for (const path of ['nowhere-00000000.png', 'x.png', 'drawn-00000000', '%2e%2e.png'])
      expect([path, (await call(`/og/sweeps/${path}`)).status]).toEqual([path, 404]);
    expect((await env.BLOBS.list({ prefix: 'pictures/sweeps/nowhere' })).objects).toEqual([]);
  });

  test('a network that asks for too much gets what is kept, else is told to wait', async () => {
    const limited = { ...env, PICTURES: { limit: async () => ({ success: false }) } };
    const headers = { 'cf-connecting-ip': '192.0.2.1' };
    const id = await newSweep('crowded');
    const ask = () => app.request(`/og/sweeps/${id}.png`, { headers }, limited);
    const refused = await ask();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    await call(`/og/sweeps/${id}.png`);
    expect((await ask()).status).toBe(200);
  });

  test('a picture is looked after when it is two minutes old, and drawn anew only if it changed', async () => {
    let drawn = 0;
    const svg = (fill: string) =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="${fill}"/></svg>`;
    const at = async (nowMs: number, fill: string) => {
      const draw = async () => {
        drawn++;
        return svg(fill);
      };
      const picture = await pictureOf(env, { key: 'aged', draw, mayDraw: async () => true }, nowMs);
      if (!picture || picture === 'busy') throw new Error('there is no picture');
      const bytes = new Uint8Array(await new Response(picture.png).arrayBuffer());
      return `${picture.digest} ${bytes.length}`;
    };
    const first = await at(0, 'red');
    expect([await at(119_000, 'blue'), drawn]).toEqual([first, 1]);
    expect([await at(121_000, 'red'), drawn]).toEqual([first, 2]);
    expect([await at(240_000, 'blue'), drawn]).toEqual([first, 2]);
    expect(await at(242_000, 'blue')).not.toBe(first);
  });

  test('while nobody can be asked what it is to show, the one kept is shown', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
    const id = await newSweep('asked');
    const etag = (await call(`/og/sweeps/${id}.png`)).headers.get('etag');
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 121_000);
    const blind = { ...env, DB: null };
    const answers = [id, 'nowhere-00000000'].map((one) => app.request(`/og/sweeps/${one}.png`, {}, blind));
    const [kept, none] = await Promise.all(answers);
    vi.useRealTimers();
    errors.mockRestore();
    expect([kept?.status, kept?.headers.get('etag'), none?.status]).toEqual([200, etag, 500]);
    await kept?.arrayBuffer();
  });
});

const INDEX =
  '<!doctype html><html lang="en"><head><meta name="description" content="old" /><title>Tabgrad</title></head><body></body></html>';

/** As the server answers where pages are built. */
async function page(path: string, more: object = {}) {
  const ASSETS = {
    fetch: async () =>
      new Response(INDEX, { headers: { 'content-type': 'text/html', etag: '"file"', 'x-of': 'assets' } }),
  };
  const response = await app.request(`http://tabgrad.test${path}`, {}, { ...env, ASSETS, ...more });
  return { response, text: await response.text() };
}

describe('pages', () => {
  test('the home page says what it is, with whole addresses', async () => {
    const { response, text } = await page('/');
    expect(text).toContain('<meta property="og:image" content="http://tabgrad.test/og/home.png" />');
    expect(text).toContain('<link rel="canonical" href="http://tabgrad.test/" />');
    expect(text).toContain('<meta name="twitter:card" content="summary_large_image" />');
    expect(text.match(/name="description"/g)).toHaveLength(1);
    // The headers are those of the file, with its policy, not those of the API.
    expect(response.headers.get('x-of')).toBe('assets');
    expect(response.headers.get('etag')).toBeNull();
    expect(response.headers.get('content-security-policy')).toBeNull();
  });

  test('a hostile title stays text in the page', async () => {
    const id = await newSweep('hostile', {
      title: HOSTILE,
      description: `"><img src=x onerror=alert(1)>\n${'long '.repeat(99)}`,
    });
    const { text } = await page(`/sweeps/${id}`);
    expect(text).not.toMatch(/<script|<img/);
    expect(text).toContain(
      '<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; "quotes" · Tabgrad</title>',
    );
    expect(text).toContain(`content="http://tabgrad.test/og/sweeps/${id}.png"`);
    expect(text).toContain('0 of 8 runs finished');
  });

  test('a run is of its sweep, and has one address', async () => {
    const id = await newSweep('titled');
    const canonical = `<link rel="canonical" href="http://tabgrad.test/sweeps/${id}/runs/3" />`;
    for (const path of [`/sweeps/${id}/runs/3`, `/runs/${id}:3`, `/sweeps/${id}/runs/03`]) {
      const { text } = await page(path);
      expect(text).toContain('<title>Run 3 of Tiny sweep titled · Tabgrad</title>');
      expect(text).toContain(canonical);
    }
  });

  test('what is not known, or cannot be asked for, is still a page', async () => {
    const broken = {
      prepare: () => {
        throw new Error('the database is down');
      },
    };
    const id = await newSweep('dark');
    const unknown = [
      '/sweeps/nowhere-00000000',
      '/sweeps/new',
      `/sweeps/${id}/runs/8`,
      '/runs/x',
      '/runs/x/y',
    ];
    unknown.push('/sweeps/', `/sweeps/${id}/`, `/sweeps/${id}/runs`, '/runs');
    const answers = await Promise.all(unknown.map((path) => page(path)));
    forget();
    answers.push(await page(`/sweeps/${id}`, { DB: broken }));
    const silent = { prepare: () => ({ bind: () => ({ first: () => new Promise(() => {}) }) }) };
    forget();
    answers.push(await page(`/sweeps/${id}`, { DB: silent }));
    for (const { response, text } of answers) {
      expect(response.status).toBe(200);
      expect(text).toContain('/og/home.png');
    }
  });

  test('the service worker can be switched off from here', async () => {
    expect((await page('/sw.js')).text).toBe(INDEX);
    const { response, text } = await page('/sw.js', { OFFLINE_PAGES: 'off' });
    expect(response.headers.get('content-type')).toMatch(/javascript/);
    expect(text).toContain('registration.unregister()');
  });
});
