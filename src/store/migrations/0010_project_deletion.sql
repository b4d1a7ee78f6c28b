-- A deletion that waits for the project's components to end is shown in lists. The document has it too, and decides.
ALTER TABLE projects ADD COLUMN deleting_at INTEGER;    -- NULL: it stays
