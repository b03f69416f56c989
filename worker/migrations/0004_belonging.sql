-- Volunteers may be named on the boards, be in a team, go on at another device, and be forgotten. What is accepted of them
-- is also counted by the day. A sweep says what it is about.

ALTER TABLE volunteers ADD COLUMN is_listed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE volunteers ADD COLUMN team_id TEXT;
-- Who was deleted keeps a number and nothing else.
ALTER TABLE volunteers ADD COLUMN deleted_at INTEGER;
CREATE INDEX volunteers_of_team ON volunteers (team_id) WHERE team_id IS NOT NULL;
CREATE INDEX volunteers_deleted ON volunteers (deleted_at) WHERE deleted_at IS NOT NULL;

-- An invitation is derived with the server's secret: only its hash is here.
CREATE TABLE teams (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  invite_hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;

-- Codes that carry an identity to another device, by their SHA-256.
CREATE TABLE moves (
  code_hash TEXT PRIMARY KEY,
  volunteer_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX moves_of_volunteer ON moves (volunteer_id);

-- Results that were not taken; the newest of each volunteer.
CREATE TABLE refusals (
  volunteer_id TEXT NOT NULL,
  sweep_id TEXT NOT NULL,
  run INTEGER NOT NULL,
  to_step INTEGER NOT NULL,
  code TEXT,
  message TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (volunteer_id, sweep_id, run, to_step)
) STRICT, WITHOUT ROWID;

-- [[day since 1970, runs, credit], ...] of the newest days: in the row that is written anyway.
ALTER TABLE contributions ADD COLUMN days TEXT NOT NULL DEFAULT '[]';

-- Of a sweep that was there before: as shared/spec/phenomenon.ts infers it.
ALTER TABLE sweeps ADD COLUMN phenomenon TEXT NOT NULL DEFAULT 'other';
UPDATE sweeps SET phenomenon = CASE
  WHEN EXISTS (
    SELECT 1 FROM json_tree(sweeps.spec, '$.programmes') AS phase WHERE phase.type = 'object' AND (
      phase.value ->> 'kind' IN ('prune', 'edge-popup')
      OR (phase.value ->> 'kind' = 'load' AND phase.value ->> 'what' <> 'weights')
    )
  ) THEN CASE
    WHEN EXISTS (
      SELECT 1 FROM json_tree(sweeps.spec, '$.programmes') AS phase WHERE phase.type = 'object'
        AND phase.value ->> 'kind' IN ('rewind', 'reinit', 'rescale', 'shuffle-mask', 'load')
    ) THEN 'lottery-tickets'
    ELSE 'pruning'
  END
  WHEN spec ->> '$.task.kind' IN ('modular', 'parity', 'permutation') THEN 'grokking'
  ELSE 'other'
END;
