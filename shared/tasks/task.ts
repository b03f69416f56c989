/** What can be said about a task without writing out its rows; used for limits and costs. */
export interface TaskSize {
  rows: number;
  /** Tokens of a row; 0 where rows are numbers. */
  tokensPerRow: number;
  /** Different tokens; 0 where rows are numbers. */
  vocabulary: number;
  /** Numbers of a row; 0 where rows are tokens. */
  features: number;
  classes: number;
}

/** A learning problem written out: every row it has, before any split. */
export interface TaskRows extends TaskSize {
  tokens: Int32Array; // [rows, tokensPerRow], each in 0 .. vocabulary - 1
  inputs: Float32Array; // [rows, features]
  targets: Int32Array; // [rows], each in 0 .. classes - 1
}

/** Row numbers of a task, in random order; together they hold every row once. */
export interface Split {
  train: Int32Array;
  test: Int32Array;
}
