/** A learning problem written out: every row it has, before any split. */
export interface TaskRows {
  rows: number;
  tokens: Int32Array; // [rows, tokensPerRow], each in 0 .. vocabulary - 1
  tokensPerRow: number;
  vocabulary: number;
  targets: Int32Array; // [rows], each in 0 .. classes - 1
  classes: number;
}

/** What can be said about a task without writing out its rows; used for limits and costs. */
export interface TaskSize {
  rows: number;
  tokensPerRow: number;
  vocabulary: number;
  classes: number;
}

/** Row numbers of a task, in random order; together they hold every row once. */
export interface Split {
  train: Int32Array;
  test: Int32Array;
}
