-- A sweep can be paused, weighted among its researcher's others, made larger, and split into stripes with a dispatcher
-- each. `spec` is the sweep as it now is; `spec_digest` and the id stay those of its first posting.

ALTER TABLE researchers ADD COLUMN is_operator INTEGER NOT NULL DEFAULT 0;

ALTER TABLE sweeps ADD COLUMN mode TEXT NOT NULL DEFAULT 'running';
ALTER TABLE sweeps ADD COLUMN priority INTEGER NOT NULL DEFAULT 2;
ALTER TABLE sweeps ADD COLUMN stripes INTEGER NOT NULL DEFAULT 1;
ALTER TABLE sweeps ADD COLUMN audited_at INTEGER NOT NULL DEFAULT 0;
DROP INDEX sweeps_open;
CREATE INDEX sweeps_open ON sweeps (created_at) WHERE mode = 'running' AND finished_runs + failed_runs < runs;
CREATE INDEX sweeps_audited ON sweeps (audited_at, id);

-- How far each stripe is; the totals in sweeps are their sums. A stripe that said nothing yet has no row.
CREATE TABLE stripes (
  sweep_id TEXT NOT NULL,
  stripe INTEGER NOT NULL,
  finished_runs INTEGER NOT NULL,
  failed_runs INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (sweep_id, stripe)
) STRICT, WITHOUT ROWID;
INSERT INTO stripes SELECT id, 0, finished_runs, failed_runs, seq FROM sweeps WHERE seq > 0;

CREATE TABLE contributions_of_stripes (
  sweep_id TEXT NOT NULL,
  stripe INTEGER NOT NULL,
  volunteer_id TEXT NOT NULL,
  runs INTEGER NOT NULL,
  credit INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (sweep_id, stripe, volunteer_id)
) STRICT, WITHOUT ROWID;
INSERT INTO contributions_of_stripes
SELECT sweep_id, 0, volunteer_id, runs, credit, seq FROM contributions;
DROP TABLE contributions;
ALTER TABLE contributions_of_stripes RENAME TO contributions;
CREATE INDEX contributions_by_volunteer ON contributions (volunteer_id);

-- What the hourly checks of stored data found.
CREATE TABLE audits (
  at INTEGER PRIMARY KEY,
  took_ms INTEGER NOT NULL,
  sweeps INTEGER NOT NULL,
  runs INTEGER NOT NULL,
  curves INTEGER NOT NULL,
  problems TEXT NOT NULL
) STRICT;
