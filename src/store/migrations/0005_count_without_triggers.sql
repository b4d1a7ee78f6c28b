-- Who saves jobs counts them too, once for all jobs of a commit. A trigger did it for each, and SQLite keeps a copy of
-- every page that a statement with a trigger changes. Jobs that are deleted are still counted by one.
DROP TRIGGER jobs_count_new;
DROP TRIGGER jobs_count_state;
