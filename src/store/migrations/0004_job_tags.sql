-- Words by which people find related jobs again.

ALTER TABLE jobs ADD COLUMN tags TEXT NOT NULL DEFAULT '';  -- a line break before and after each, or ''
-- The same once more, for finding jobs by a tag in the order of lists.
CREATE TABLE job_tags (
    tag TEXT NOT NULL,
    submitted_at INTEGER NOT NULL,
    job INTEGER NOT NULL REFERENCES jobs (seq) ON DELETE CASCADE,
    PRIMARY KEY (tag, submitted_at, job)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_tags_by_job ON job_tags (job);
