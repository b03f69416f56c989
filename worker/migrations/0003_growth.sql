-- How large a sweep was when it was posted, and when it last grew. Of one that was there before, its size now is known.

ALTER TABLE sweeps ADD COLUMN posted_runs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sweeps ADD COLUMN grown_at INTEGER;
UPDATE sweeps SET posted_runs = runs;
