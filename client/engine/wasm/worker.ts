// A thread of the pool in a browser: a Web Worker within the volunteer's.

import type { Request } from './messages.ts';
import { threadOf } from './serve.ts';

const handle = threadOf((reply) => postMessage(reply));
addEventListener('message', ({ data }: MessageEvent<Request>) => handle(data));
