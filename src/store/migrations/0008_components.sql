-- Components: their jobs are jobs like all others, of the kind 'component', and are in no list, count or history of jobs.

CREATE TABLE components (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (project_id, name)
) STRICT, WITHOUT ROWID;

DROP INDEX jobs_by_time;
DROP INDEX jobs_by_state;
DROP INDEX jobs_by_project;
DROP INDEX jobs_by_project_state;
DROP INDEX jobs_by_task;
DROP INDEX jobs_by_owner;
DROP INDEX jobs_by_duration;
DROP INDEX jobs_by_end;
CREATE INDEX jobs_by_time ON jobs (submitted_at) WHERE kind <> 'component';
CREATE INDEX jobs_by_state ON jobs (state, submitted_at) WHERE kind <> 'component';
CREATE INDEX jobs_by_project ON jobs (project_id, submitted_at) WHERE kind <> 'component';
CREATE INDEX jobs_by_project_state ON jobs (project_id, state, submitted_at) WHERE kind <> 'component';
CREATE INDEX jobs_by_task ON jobs (project_id, task, submitted_at) WHERE kind <> 'component';
CREATE INDEX jobs_by_owner ON jobs (owner, live, submitted_at) WHERE kind <> 'component';
CREATE INDEX jobs_by_duration ON jobs (duration_ms) WHERE live = 0 AND kind <> 'component';
CREATE INDEX jobs_by_end ON jobs (ended_at, seq, state, project_id, owner) WHERE live = 0 AND kind <> 'component';

DROP TRIGGER jobs_count_gone;
CREATE TRIGGER jobs_count_gone AFTER DELETE ON jobs WHEN old.kind <> 'component' BEGIN
    UPDATE job_counts SET count = count - 1 WHERE project_id = old.project_id AND state = old.state;
END;
DROP TRIGGER ended_counts_new;
DROP TRIGGER ended_counts_more;
DROP TRIGGER ended_counts_less;
DROP TRIGGER ended_counts_gone;
CREATE TRIGGER ended_counts_new AFTER INSERT ON jobs WHEN new.live = 0 AND new.kind <> 'component' BEGIN
    INSERT INTO ended_counts (owner, project_id, state, count) VALUES (new.owner, new.project_id, new.state, 1)
        ON CONFLICT (owner, project_id, state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER ended_counts_more AFTER UPDATE OF live, owner ON jobs
WHEN new.live = 0 AND (old.live = 1 OR old.owner <> new.owner) AND new.kind <> 'component' BEGIN
    INSERT INTO ended_counts (owner, project_id, state, count) VALUES (new.owner, new.project_id, new.state, 1)
        ON CONFLICT (owner, project_id, state) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER ended_counts_less AFTER UPDATE OF live, owner ON jobs
WHEN old.live = 0 AND old.owner <> new.owner AND old.kind <> 'component' BEGIN
    UPDATE ended_counts SET count = count - 1
        WHERE owner = old.owner AND project_id = old.project_id AND state = old.state;
    DELETE FROM ended_counts
        WHERE owner = old.owner AND project_id = old.project_id AND state = old.state AND count = 0;
END;
CREATE TRIGGER ended_counts_gone AFTER DELETE ON jobs WHEN old.live = 0 AND old.kind <> 'component' BEGIN
    UPDATE ended_counts SET count = count - 1
        WHERE owner = old.owner AND project_id = old.project_id AND state = old.state;
    DELETE FROM ended_counts
        WHERE owner = old.owner AND project_id = old.project_id AND state = old.state AND count = 0;
END;
