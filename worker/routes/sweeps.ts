import { Hono } from 'hono';
import { resolver } from 'hono-openapi';
import { LIMITS } from '../../shared/limits.ts';
import { type PostSweepReply, postSweepReply, sweepsReply } from '../../shared/protocol.ts';
import { lineageOf } from '../../shared/spec/parents.ts';
import { phenomenonOf } from '../../shared/spec/phenomenon.ts';
import { sentence } from '../../shared/spec/problems.ts';
import { sweepSpecSchema } from '../../shared/spec/schema.ts';
import { canonicalSpec, type Sweep, specDigest, sweepIdOf } from '../../shared/spec/sweep.ts';
import { sweepFlops } from '../../shared/spec/sweep-cost.ts';
import { type PlacedProblem, placed, readSpecText } from '../../shared/spec/text.ts';
import { researchersOnly } from '../auth.ts';
import { forget } from '../cache.ts';
import { atMost, describe } from '../describe.ts';
import { type App, type Env, stripesFor } from '../env.ts';
import { Refusal } from '../errors.ts';
import { OPEN_SWEEPS } from '../front-door.ts';
import { insertSweep, newestSweeps } from '../store/sweeps.ts';
import { dataProblems } from './sweep-data.ts';

export const sweeps = new Hono<App>()
  .get('/api/sweeps', describe({ summary: 'The newest sweeps', reply: sweepsReply }), async (c) =>
    c.json({ sweeps: await newestSweeps(c.env.DB, LIMITS.sweepsListedMax) }),
  )
  .post(
    '/api/sweeps',
    describe({
      summary: 'Post a sweep',
      description:
        'Safe to repeat: the same spec is the same sweep. 201 when it is new, 200 when it was there. The datasets its task names must be stored, and fit it.',
      reply: postSweepReply,
      statuses: [201, 200],
      refusals: ['bad-spec', 'too-large'],
      by: 'researcher',
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: resolver(sweepSpecSchema, { options: { typeMode: 'input' } }) },
          'application/yaml': { schema: { type: 'string' } },
        },
      },
    }),
    atMost(LIMITS.specBytesMax),
    researchersOnly,
    async (c) => {
      const text = new TextDecoder().decode(await c.req.arrayBuffer());
      const read = readSpecText(text);
      if (!read.ok) throw unfit(read.problems);
      const misfits = await dataProblems(c.env.BLOBS, read.value);
      if (misfits.length > 0) throw unfit(placed(text, misfits));
      const reply = await post(c.env, read.value, c.get('researcher').id);
      return c.json(reply, reply.created ? 201 : 200);
    },
  );

function unfit(problems: PlacedProblem[]): Refusal {
  const [first] = problems;
  const words = first ? `Line ${first.line}: ${sentence(first)}.` : 'The spec does not fit.';
  return new Refusal('bad-spec', words, problems);
}

async function post(env: Env, sweep: Sweep, researcherId: string): Promise<PostSweepReply> {
  const spec = canonicalSpec(sweep.spec);
  const digest = specDigest(sweep.spec);
  const { name, title, description = null } = sweep.spec;
  const { runs, cells } = sweep;
  const id = sweepIdOf(sweep.spec);
  const numbers = { runs, cells, flops: sweepFlops(sweep), createdAtMs: Date.now() };
  const stored = await insertSweep(env.DB, {
    id,
    name,
    title,
    description,
    spec,
    specDigest: digest,
    researcherId,
    phenomenon: phenomenonOf(sweep.spec),
    // Who waits for whom only one dispatcher can tell.
    stripes: lineageOf(sweep) ? 1 : stripesFor(env, cells),
    ...numbers,
  });
  if (stored.specDigest !== digest) {
    throw new Refusal('bad-spec', `Another sweep has the id ${id} by chance; give this one another name.`);
  }
  forget(OPEN_SWEEPS);
  return { id, created: stored.created, runs: stored.runs, cells: stored.cells, url: `/sweeps/${id}` };
}
