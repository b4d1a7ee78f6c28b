-- Times are whole milliseconds of UTC; ids are ULIDs; NULL in a time means "not yet". States have no CHECK, because
-- SQLite could widen one only by copying the whole table.

CREATE TABLE projects (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    summary TEXT NOT NULL,
    tasks TEXT NOT NULL,            -- their names, joined by commas
    revision INTEGER NOT NULL,
    next_build INTEGER NOT NULL,    -- counts here alone; the document may hold an older number
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;

-- Projects that are gone while jobs of theirs still wait to be removed, some with each commit. Readers do not see
-- those jobs any more.
CREATE TABLE deleted_projects (
    id TEXT NOT NULL UNIQUE
) STRICT;

-- What lists need of a job. Its whole document is kept apart, so that walking over many jobs reads few pages.
CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY,        -- the order of submission
    id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL,       -- in projects, or for a while in deleted_projects
    project_name TEXT NOT NULL,
    task TEXT NOT NULL,
    kind TEXT NOT NULL,
    build INTEGER NOT NULL,
    state TEXT NOT NULL,
    live INTEGER NOT NULL CHECK (live IN (0, 1)),
    reason TEXT NOT NULL,
    submitted_by TEXT NOT NULL,
    cloned_from TEXT NOT NULL,
    replicas INTEGER NOT NULL,
    gpus INTEGER NOT NULL,
    properties TEXT NOT NULL,       -- JSON, or nothing
    revision INTEGER NOT NULL,      -- how many events it has had
    submitted_at INTEGER NOT NULL,
    started_at INTEGER,
    running_at INTEGER,
    ended_at INTEGER,
    UNIQUE (project_id, build)
) STRICT;
CREATE INDEX jobs_live ON jobs (seq) WHERE live = 1;
-- Lists are ordered by (submitted_at, seq); every index ends with seq.
CREATE INDEX jobs_by_time ON jobs (submitted_at);
CREATE INDEX jobs_by_state ON jobs (state, submitted_at);
CREATE INDEX jobs_by_project ON jobs (project_id, submitted_at);
CREATE INDEX jobs_by_project_state ON jobs (project_id, state, submitted_at);
CREATE INDEX jobs_by_task ON jobs (project_id, task, state, submitted_at);

CREATE TABLE job_documents (
    job INTEGER PRIMARY KEY REFERENCES jobs (seq) ON DELETE CASCADE,
    document TEXT NOT NULL
) STRICT;

-- How many jobs of a project are in a state, so that nobody has to count jobs.
CREATE TABLE job_counts (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (project_id, state)
) STRICT, WITHOUT ROWID;
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

-- The whole truth about a job: replaying its events gives its document.
CREATE TABLE job_events (
    job INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,      -- from 1, without gaps
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (job, sequence)
) STRICT, WITHOUT ROWID;

-- The history of replicas: a row for each time that one was given a place.
CREATE TABLE attempts (
    seq INTEGER PRIMARY KEY,        -- the order in which they were placed
    job INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
    project_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    idx INTEGER NOT NULL,
    attempt INTEGER NOT NULL,       -- from 1
    state TEXT NOT NULL,
    node TEXT NOT NULL,
    address TEXT NOT NULL,
    devices TEXT NOT NULL,          -- numbers joined by commas
    image TEXT NOT NULL,
    gpus INTEGER NOT NULL,
    request_cpu_millis INTEGER NOT NULL,
    request_memory_bytes INTEGER NOT NULL,
    limit_cpu_millis INTEGER NOT NULL,
    limit_memory_bytes INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    exit_code INTEGER,
    out_of_memory INTEGER NOT NULL DEFAULT 0 CHECK (out_of_memory IN (0, 1)),
    message TEXT NOT NULL DEFAULT '',
    UNIQUE (job, resource, idx, attempt)
) STRICT;
CREATE INDEX attempts_by_job ON attempts (job);
CREATE INDEX attempts_by_project ON attempts (project_id);
CREATE INDEX attempts_by_project_state ON attempts (project_id, state);
CREATE INDEX attempts_by_state ON attempts (state);

CREATE TABLE notices (
    seq INTEGER PRIMARY KEY,
    job INTEGER REFERENCES jobs (seq) ON DELETE CASCADE,   -- NULL: of the project alone
    project_id TEXT NOT NULL,
    warning INTEGER NOT NULL CHECK (warning IN (0, 1)),
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    message TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX notices_same ON notices (project_id, ifnull(job, 0), reason, source, message);
CREATE INDEX notices_by_job ON notices (job, last_seen);
CREATE INDEX notices_by_project ON notices (project_id, last_seen);

CREATE TABLE idempotency_keys (
    key TEXT NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL,
    result TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (at);

CREATE TABLE chores (
    id TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL
) STRICT;

-- What changed, for whoever follows along. The newest row is never trimmed, so numbers are never given twice.
CREATE TABLE change_log (
    sequence INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('project', 'job')),
    subject TEXT NOT NULL,
    project_id TEXT NOT NULL,
    state TEXT,                     -- of a job
    deleted INTEGER NOT NULL CHECK (deleted IN (0, 1))
) STRICT;
