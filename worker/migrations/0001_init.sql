-- Definitions and accounts live here. Whatever carries a seq is derived from the sweep's Durable Object, which is the
-- truth about runs: it is written only where the seq is newer, and can be rebuilt. Times are unix milliseconds.

CREATE TABLE researchers (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE volunteers (
  id TEXT PRIMARY KEY,
  name TEXT,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sweeps (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  description TEXT,
  spec TEXT NOT NULL,
  spec_digest TEXT NOT NULL,
  researcher_id TEXT NOT NULL REFERENCES researchers (id),
  created_at INTEGER NOT NULL,
  runs INTEGER NOT NULL,
  cells INTEGER NOT NULL,
  flops REAL NOT NULL,
  finished_runs INTEGER NOT NULL DEFAULT 0,
  failed_runs INTEGER NOT NULL DEFAULT 0,
  seq INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX sweeps_open ON sweeps (created_at) WHERE finished_runs + failed_runs < runs;

CREATE TABLE cells (
  sweep_id TEXT NOT NULL,
  cell INTEGER NOT NULL,
  label TEXT NOT NULL,
  axis_values TEXT NOT NULL,
  task TEXT NOT NULL,
  runs INTEGER NOT NULL,
  aggregate TEXT NOT NULL,
  generalised INTEGER NOT NULL,
  median_tgen REAL,
  completed_at INTEGER,
  sample_run INTEGER,
  seq INTEGER NOT NULL,
  PRIMARY KEY (sweep_id, cell)
) STRICT, WITHOUT ROWID;
CREATE INDEX cells_ranked ON cells (task, median_tgen);
CREATE INDEX cells_completed ON cells (completed_at) WHERE completed_at IS NOT NULL AND generalised > 0;

CREATE TABLE contributions (
  sweep_id TEXT NOT NULL,
  volunteer_id TEXT NOT NULL,
  runs INTEGER NOT NULL,
  credit INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (sweep_id, volunteer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contributions_by_volunteer ON contributions (volunteer_id);
