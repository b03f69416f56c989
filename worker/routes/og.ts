import { type Context, Hono } from 'hono';
import { SWEEP_ID } from '../../shared/limits.ts';
import type { App } from '../env.ts';
import { Refusal } from '../errors.ts';
import { pictureOf, type Wish } from '../og/kept.ts';
import { homeSvg, sweepSvg } from '../og/known.ts';
import { networkOf } from '../rate-limit.ts';

/** The pictures that link previews show. Other sites may show them too. */
export const og = new Hono<App>()
  .get('/og/home.png', (c) => reply(c, { key: 'home', draw: () => homeSvg(c.env) }))
  .get('/og/sweeps/:file', (c) => {
    const [, id = ''] = c.req.param('file').match(/^(.+)\.png$/) ?? [];
    if (!SWEEP_ID.test(id)) throw missing();
    return reply(c, { key: `sweeps/${id}`, draw: () => sweepSvg(c.env, id) });
  });

const missing = () => new Refusal('not-found', 'There is no such picture.');

async function reply(c: Context<App>, wish: Pick<Wish, 'key' | 'draw'>): Promise<Response> {
  // The edge sets this header on every request; where there is no edge there is nobody to tell apart.
  const address = c.req.header('cf-connecting-ip');
  const mayDraw = async () => !address || (await c.env.PICTURES.limit({ key: networkOf(address) })).success;
  const picture = await pictureOf(c.env, { ...wish, mayDraw }, Date.now());
  if (picture === null) throw missing();
  if (picture === 'busy')
    throw new Refusal('too-many', 'Too many pictures were asked for within a minute. Try again in a minute.');
  const headers = {
    'content-type': 'image/png',
    'cache-control': 'public, max-age=300',
    etag: `"${picture.digest}"`,
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
  };
  if (c.req.header('if-none-match') !== headers.etag) return new Response(picture.png, { headers });
  if (picture.png instanceof ReadableStream) await picture.png.cancel();
  return new Response(null, { status: 304, headers });
}
