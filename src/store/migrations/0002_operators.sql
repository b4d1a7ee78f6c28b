-- Users, groups and pools; projects and jobs that belong to somebody. What was there before belongs to nobody ('') and
-- is in the default group and pool, until the first operator adopts it.

CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    group_id TEXT NOT NULL,
    password_hash TEXT NOT NULL,    -- '': no password
    issuer TEXT,                    -- of the identity at a provider; NULL: none
    subject TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX users_by_name ON users (name, id);
CREATE INDEX users_operators ON users (created_at, id) WHERE role = 'operator' AND status <> 'offboarded';
CREATE INDEX users_by_group ON users (group_id, name, id);
CREATE UNIQUE INDEX users_by_identity ON users (issuer, subject) WHERE issuer IS NOT NULL;

CREATE TABLE groups (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    pool_id TEXT NOT NULL,
    fair_share INTEGER NOT NULL CHECK (fair_share IN (0, 1)),
    cohort TEXT,                    -- NULL: it does not borrow, and the next three say nothing
    nominal INTEGER,                -- NULL: all GPUs of its pool
    borrow_limit INTEGER NOT NULL,
    reclaim INTEGER NOT NULL CHECK (reclaim IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE pools (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    model TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
-- A device is in one pool at most.
CREATE TABLE pool_devices (
    node TEXT NOT NULL,
    uuid TEXT NOT NULL,
    pool_id TEXT NOT NULL REFERENCES pools (id) ON DELETE CASCADE,
    PRIMARY KEY (node, uuid)
) STRICT, WITHOUT ROWID;
CREATE INDEX pool_devices_by_pool ON pool_devices (pool_id);

-- Of tokens, cookies and codes only the hash is known. Saving a user comes before or after in the same transaction.
CREATE TABLE access_tokens (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,           -- joined by commas
    created_at INTEGER NOT NULL,
    expires_at INTEGER              -- NULL: never
) STRICT;
CREATE INDEX access_tokens_by_user ON access_tokens (user_id, created_at);

CREATE TABLE sessions (
    hash TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    csrf TEXT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id, created_at);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE invites (
    hash TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX invites_by_user ON invites (user_id);
CREATE INDEX invites_by_end ON invites (expires_at);

-- Who did what. Rows are only added; the oldest are trimmed, the newest never is.
CREATE TABLE audit_log (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    via TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_log_by_time ON audit_log (at);
CREATE INDEX audit_log_by_actor ON audit_log (actor, at);
CREATE TRIGGER audit_log_stays BEFORE UPDATE ON audit_log BEGIN
    SELECT raise(ABORT, 'rows of the audit log never change');
END;

-- Projects have owners, and names are unique in one home only. SQLite changes such a rule only by making the table
-- anew. The triggers name job_counts and job_counts refers to projects, so they go in this order: dropping a table
-- that others refer to would delete their rows as well.
DROP TRIGGER jobs_count_new;
DROP TRIGGER jobs_count_state;
DROP TRIGGER jobs_count_gone;
ALTER TABLE job_counts RENAME TO old_job_counts;
ALTER TABLE projects RENAME TO old_projects;
CREATE TABLE projects (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,            -- a user, or '': nobody yet
    home TEXT NOT NULL,             -- the group whose folder of the storages holds its data
    summary TEXT NOT NULL,
    tasks TEXT NOT NULL,            -- their names, joined by commas
    revision INTEGER NOT NULL,
    next_build INTEGER NOT NULL,    -- counts here alone; the document may hold an older number
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (name, home)
) STRICT;
INSERT INTO projects (id, name, owner, home, summary, tasks, revision, next_build, created_at, updated_at, document)
    SELECT id, name, '', 'default', summary, tasks, revision, next_build, created_at, updated_at, document
    FROM old_projects;
-- Covers finding what somebody sees, in the order of lists.
CREATE INDEX projects_by_owner ON projects (owner, name, home, id);
CREATE TABLE job_counts (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (project_id, state)
) STRICT, WITHOUT ROWID;
INSERT INTO job_counts (project_id, state, count) SELECT project_id, state, count FROM old_job_counts;
DROP TABLE old_job_counts;
DROP TABLE old_projects;
CREATE TRIGGER jobs_count_new AFTER INSERT ON jobs BEGIN
    INSERT INTO job_counts (project_id, state, count) VALUES (new.project_id, new.state, 1)
        ON CONFLICT (project_id, state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER jobs_count_state AFTER UPDATE OF state ON jobs WHEN old.state <> new.state BEGIN
    UPDATE job_counts SET count = count - 1 WHERE project_id = old.project_id AND state = old.state;
    INSERT INTO job_counts (project_id, state, count) VALUES (new.project_id, new.state, 1)
        ON CONFLICT (project_id, state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER jobs_count_gone AFTER DELETE ON jobs BEGIN
    UPDATE job_counts SET count = count - 1 WHERE project_id = old.project_id AND state = old.state;
END;

-- How long the last jobs of a task ran.
CREATE TABLE run_times (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    task TEXT NOT NULL,
    samples_ms TEXT NOT NULL,       -- joined by commas, the newest last
    PRIMARY KEY (project_id, task)
) STRICT, WITHOUT ROWID;

ALTER TABLE jobs ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN group_id TEXT NOT NULL DEFAULT 'default';
ALTER TABLE jobs ADD COLUMN pool_id TEXT NOT NULL DEFAULT 'default';
ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN held TEXT;      -- why it must not start, or ''; NULL: it may
ALTER TABLE jobs ADD COLUMN requeues INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN gpus_held INTEGER NOT NULL DEFAULT 0;
UPDATE jobs SET gpus_held = gpus WHERE started_at IS NOT NULL AND gpus > 0;
-- Without the state it does not change any more when a job does.
DROP INDEX jobs_by_task;
CREATE INDEX jobs_by_task ON jobs (project_id, task, submitted_at);
CREATE INDEX jobs_by_owner ON jobs (owner, live, submitted_at);
CREATE INDEX jobs_by_pool ON jobs (pool_id, ended_at) WHERE started_at IS NOT NULL;

ALTER TABLE attempts ADD COLUMN owner TEXT NOT NULL DEFAULT '';   -- of the job
CREATE INDEX attempts_by_owner ON attempts (owner);
-- Of the states only this one is looked for among very many others.
DROP INDEX attempts_by_state;
DROP INDEX attempts_by_project_state;
CREATE INDEX attempts_failed ON attempts (state) WHERE state = 'Failed';
CREATE INDEX attempts_failed_by_project ON attempts (project_id) WHERE state = 'Failed';

-- Of a deleted project, so that those who saw it learn that it is gone.
ALTER TABLE change_log ADD COLUMN owner TEXT;
