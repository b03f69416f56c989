-- The researcher of a local server; a new token file replaces the token of the old one.
INSERT INTO researchers (id, name, token_hash, created_at)
VALUES ('local', 'local', :token_hash, :created_at)
ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash;
