-- Projects that are disabled.

ALTER TABLE projects ADD COLUMN disabled_at INTEGER;    -- NULL: it is not disabled
