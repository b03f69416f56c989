-- The researcher of a local server, who is its operator too; a new token file replaces the token of the old one.
INSERT INTO researchers (id, name, token_hash, created_at, is_operator)
VALUES ('local', 'local', :token_hash, :created_at, 1)
ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash, is_operator = 1;
