-- What a server of the first version left: two projects and one that is being deleted, with jobs in several states.
INSERT INTO projects (id, name, summary, tasks, revision, next_build, created_at, updated_at, document) VALUES
    ('P0000000000000000000digits', 'digits', '', 'train', 1, 3, 1000, 1000,
     '{"id":"P0000000000000000000digits","spec":{"name":"digits","default_mount_path":"/workspace","tasks":[{"name":"train","kind":"training","resources":[{"name":"worker","replicas":1,"command":"true","default_volume_mapping":true,"restart_policy":"never"}]}]},"next_build":1,"revision":1,"created_at":1000,"updated_at":1000}'),
    ('P00000000000000000000faces', 'faces', '', '', 1, 2, 1000, 1000,
     '{"id":"P00000000000000000000faces","spec":{"name":"faces","default_mount_path":"/workspace"},"next_build":1,"revision":1}');
INSERT INTO deleted_projects (id) VALUES ('P00000000000000000000words');
INSERT INTO jobs (id, project_id, project_name, task, kind, build, state, live, reason, submitted_by, cloned_from, replicas, gpus, properties, revision, submitted_at, started_at, running_at, ended_at) VALUES
    ('J1', 'P0000000000000000000digits', 'digits', 'train', 'training', 1, 'Complete', 0, '', 'operator', '', 1, 2, '', 5, 2000, 2001, 2002, 2003),
    ('J2', 'P0000000000000000000digits', 'digits', 'train', 'training', 2, 'Queued', 1, '', 'operator', '', 1, 2, '', 1, 3000, NULL, NULL, NULL),
    ('J3', 'P00000000000000000000faces', 'faces', 'train', 'general', 1, 'Error', 0, 'it waited too long', 'operator', '', 1, 2, '', 2, 3000, NULL, NULL, 3001);
INSERT INTO job_documents (job, document) VALUES
    (1, '{"id":"J1","project_id":"P0000000000000000000digits","build":1,"spec":{"project_name":"digits","task":{"name":"train","kind":"training"},"engine":"process"},"submitted_by":"operator","state":"Complete","network_slot":-1,"event_count":5,"submitted_at":2000,"started_at":2001,"running_at":2002,"ended_at":2003}'),
    (2, '{"id":"J2","project_id":"P0000000000000000000digits","build":2,"spec":{"project_name":"digits","task":{"name":"train","kind":"training"},"engine":"process"},"submitted_by":"operator","state":"Queued","network_slot":-1,"event_count":1,"submitted_at":3000}'),
    (3, '{"id":"J3","project_id":"P00000000000000000000faces","build":1,"spec":{"project_name":"faces","task":{"name":"train","kind":"general"},"engine":"process"},"submitted_by":"operator","state":"Error","network_slot":-1,"event_count":2,"submitted_at":3000,"ended_at":3001}');
INSERT INTO job_events (job, sequence, at, kind, body) VALUES
    (1, 1, 2000, 'submitted', '{"id":"J1","project_id":"P0000000000000000000digits","build":1,"spec":{"project_name":"digits","task":{"name":"train","kind":"training"},"engine":"process"},"by":"operator"}');
INSERT INTO attempts (job, project_id, resource, idx, attempt, state, node, address, devices, image, gpus, request_cpu_millis, request_memory_bytes, limit_cpu_millis, limit_memory_bytes, started_at, ended_at, exit_code) VALUES
    (1, 'P0000000000000000000digits', 'worker', 0, 1, 'Succeeded', 'local', '127.64.0.1', '0,1', '', 2, 0, 0, 0, 0, 2002, 2003, 0);
INSERT INTO notices (job, project_id, warning, reason, source, message, count, first_seen, last_seen) VALUES
    (1, 'P0000000000000000000digits', 0, 'Note', 'engine', 'a note', 1, 2002, 2002);
INSERT INTO change_log (sequence, at, kind, subject, project_id, state, deleted) VALUES
    (7, 2003, 'job', 'J1', 'P0000000000000000000digits', 'Complete', 0);
-- As of a project that was deleted: its counts went with it.
INSERT INTO projects (id, name, summary, tasks, revision, next_build, created_at, updated_at, document)
    VALUES ('P00000000000000000000words', 'words', '', '', 1, 2, 1000, 1000, '{}');
INSERT INTO jobs (id, project_id, project_name, task, kind, build, state, live, reason, submitted_by, cloned_from, replicas, gpus, properties, revision, submitted_at)
    VALUES ('J4', 'P00000000000000000000words', 'words', 'train', 'general', 1, 'Complete', 0, '', 'operator', '', 1, 0, '', 2, 3000);
INSERT INTO job_documents (job, document) VALUES (4, '{}');
DELETE FROM projects WHERE name = 'words';
