-- Jobs in other orders than that of their submission, and what home pages count.

ALTER TABLE jobs ADD COLUMN duration_ms INTEGER GENERATED ALWAYS AS (ended_at - ifnull(started_at, ended_at)) VIRTUAL;
CREATE INDEX jobs_by_duration ON jobs (duration_ms) WHERE live = 0;
-- Also covers counting those that ended since some time.
CREATE INDEX jobs_by_end ON jobs (ended_at, seq, state, project_id, owner) WHERE live = 0;

-- How many jobs of an owner ended how, so that nobody has to count jobs. Those that live are few.
CREATE TABLE ended_counts (
    owner TEXT NOT NULL,
    project_id TEXT NOT NULL,
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (owner, project_id, state)
) STRICT, WITHOUT ROWID;
INSERT INTO ended_counts (owner, project_id, state, count)
    SELECT owner, project_id, state, count(*) FROM jobs WHERE live = 0 GROUP BY owner, project_id, state;
CREATE TRIGGER ended_counts_new AFTER INSERT ON jobs WHEN new.live = 0 BEGIN
    INSERT INTO ended_counts (owner, project_id, state, count) VALUES (new.owner, new.project_id, new.state, 1)
        ON CONFLICT (owner, project_id, state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER ended_counts_more AFTER UPDATE OF live, owner ON jobs
WHEN new.live = 0 AND (old.live = 1 OR old.owner <> new.owner) BEGIN
    INSERT INTO ended_counts (owner, project_id, state, count) VALUES (new.owner, new.project_id, new.state, 1)
        ON CONFLICT (owner, project_id, state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER ended_counts_less AFTER UPDATE OF live, owner ON jobs
WHEN old.live = 0 AND old.owner <> new.owner BEGIN
    UPDATE ended_counts SET count = count - 1
        WHERE owner = old.owner AND project_id = old.project_id AND state = old.state;
    DELETE FROM ended_counts
        WHERE owner = old.owner AND project_id = old.project_id AND state = old.state AND count = 0;
END;
CREATE TRIGGER ended_counts_gone AFTER DELETE ON jobs WHEN old.live = 0 BEGIN
    UPDATE ended_counts SET count = count - 1
        WHERE owner = old.owner AND project_id = old.project_id AND state = old.state;
    DELETE FROM ended_counts
        WHERE owner = old.owner AND project_id = old.project_id AND state = old.state AND count = 0;
END;
