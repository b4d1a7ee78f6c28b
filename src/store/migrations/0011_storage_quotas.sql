-- What operators said a project or a group may keep on a storage. No bytes: no limit, whatever the storage's default is.
CREATE TABLE storage_quotas (
    storage TEXT NOT NULL,
    project_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    bytes INTEGER,
    PRIMARY KEY (storage, project_id, group_id)
) WITHOUT ROWID;
