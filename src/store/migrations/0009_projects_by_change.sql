-- Lists of projects by what changed last. The owner is in it so that whoever sees few of many passes over the others
-- without reading them.
CREATE INDEX projects_by_change ON projects (updated_at DESC, id, owner);
