// What the load benchmark serves: the worker as it is, with its writes to the Durable Object counted.

import { Dispatcher as Plain } from '../../worker/dispatcher/object.ts';
import type { Env } from '../../worker/env.ts';
import app from '../../worker/index.ts';

let rows = 0;
let isCounted = false;

export class Dispatcher extends Plain {
  constructor(ctx: DurableObjectState, env: Env) {
    countRows(Object.getPrototypeOf(ctx.storage.sql));
    super(ctx, env);
  }

  /** Rows written, as the platform bills them, by all dispatchers of this process since it began. */
  rowsWritten(): number {
    return rows;
  }
}

function countRows(sql: SqlStorage): void {
  if (isCounted) return;
  isCounted = true;
  const { exec } = sql;
  sql.exec = function counted(this: SqlStorage, ...args: Parameters<SqlStorage['exec']>) {
    const cursor = exec.apply(this, args);
    rows += cursor.rowsWritten;
    return cursor;
  } as SqlStorage['exec'];
}

export default app;
