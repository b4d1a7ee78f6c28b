-- What opens private repositories, buckets and registries. Secrets are sealed with a key that is not in here.

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,        -- git_key, git_token, s3, registry
    owner TEXT NOT NULL,
    group_id TEXT NOT NULL,    -- '': its owner's alone
    server TEXT NOT NULL,
    user TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    known_hosts TEXT NOT NULL,
    sealed_by TEXT NOT NULL,   -- the mark of the key
    nonce TEXT NOT NULL,       -- both in hexadecimal
    ciphertext TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX accounts_by_holder ON accounts (group_id, owner, name) WHERE group_id = '';
CREATE UNIQUE INDEX accounts_by_group ON accounts (group_id, name) WHERE group_id <> '';
