"""Storages: whose folders there are, how much lies in them, and quotas, with real jobs and real files."""
import json
import os

import pytest

from conftest import Failed, Server, until
from test_operators import Person


@pytest.fixture
def site(tmp_path):
    """A server with a storage for all, where a project may keep 2 MB, and one for a group alone."""
    config = f"""storages:
- {{name: default, folder: {tmp_path}/all, project_quota: 2MB}}
- {{name: lab, folder: {tmp_path}/lab, group: research, description: fast disks}}
"""
    server = Server(tmp_path / "data", config=config).start()
    server.folder = tmp_path / "all"
    yield server
    server.stop()


def project(command, name="p", storage="default", sub_path=""):
    source = {"name": "out", "mount_path": "/workspace/out", "cluster_storage": storage, "sub_path": sub_path}
    resource = {"name": "r", "command": command}
    return json.dumps({"name": name, "sources": [source], "tasks": [{"name": "t", "resources": [resource]}]})


def folder(server, name, storage="default"):
    for found in server.request("GET", f"/storages/{storage}")["folders"]:
        if found["folder"] == name:
            return found
    return None


def measured(server, name, check, storage="default"):
    def probe():
        found = folder(server, name, storage)
        return found if found and check(found) else None

    return until(f"{name} is measured", probe)


def test_what_a_job_wrote_is_counted_when_it_has_ended_and_known_after_a_restart(site):
    site.create(project("dd if=/dev/zero of=$OUT_DIR/a bs=1000 count=1000; ln $OUT_DIR/a $OUT_DIR/b; ln -s / $OUT_DIR/root"))
    assert site.run("p", "t")["state"] == "Complete"
    found = measured(site, "org/default/p", lambda use: use["files"] == 2)
    assert 1_000_000 <= found["bytes"] < 1_100_000
    assert found["owner"] == "project" and found["project"]["name"] == "p" and found["complete"]
    # The server's user may read and remove what jobs write.
    assert os.access(site.folder / "org/default/p/out/a", os.R_OK | os.W_OK)
    site.stop()
    site.start()
    again = folder(site, "org/default/p")
    assert again["bytes"] == found["bytes"] and again["measured_at"] == found["measured_at"]
    assert "project p of Default Group" in site.cli("storage", "show", "default")
    site.request("DELETE", "/projects/p/sources/out/files?path=a")
    site.request("DELETE", "/projects/p/sources/out/files?path=b")
    measured(site, "org/default/p", lambda use: use["bytes"] < 100_000)


def test_what_jobs_of_a_moment_write_is_counted_too(site):
    site.create(project("echo >> $OUT_DIR/$BUILD_ID"))
    for count in (1, 2, 3):
        assert site.run("p", "t")["state"] == "Complete"
        measured(site, "org/default/p", lambda use: use["files"] == count)


def test_a_job_waits_while_its_folder_is_full_and_goes_on_when_there_is_room(site):
    site.create(project("date >> $OUT_DIR/ran"))
    site.request("PUT", "/projects/p/sources/out/files?path=big", b"x" * 1_500_000)
    with pytest.raises(Failed) as refused:
        site.request("PUT", "/projects/p/sources/out/files?path=more", b"x" * 1_500_000)
    assert refused.value.code == 507
    assert "there is no room for 1.5 MB more" in refused.value.text and "1.5 MB of 2.0 MB that the project p may keep" in refused.value.text
    site.cli("storage", "quota", "default", "--project", "p", "1MB")
    job = site.submit("p", "t")

    def waits():
        status = site.request("GET", "/projects/p/status")
        text = json.dumps(status)
        return "source out: the storage default is full: 1.5 MB of 1.0 MB that the project p may keep" in text

    until("the job says why it waits", waits)
    assert site.job(job)["state"] not in ("Complete", "Error", "Running")
    assert not (site.folder / "org/default/p/out/ran").exists()
    events = site.cli("events", job["name"])
    assert "the storage default is full" in events and "remove files, or ask your operator for a larger quota" in events
    site.request("DELETE", "/projects/p/sources/out/files?path=big")
    assert site.wait(job)["state"] == "Complete"
    assert (site.folder / "org/default/p/out/ran").exists()


def test_a_larger_quota_lets_the_job_go_on_and_is_in_the_audit_log(site):
    site.create(project("true"))
    site.request("PUT", "/projects/p/sources/out/files?path=big", b"x" * 1_500_000)
    site.cli("storage", "quota", "default", "--group", "Default Group", "1MB")
    job = site.submit("p", "t")
    until("it waits", lambda: "that its group may keep" in json.dumps(site.request("GET", "/projects/p/status")))
    site.cli("storage", "quota", "default", "--group", "Default Group", "none")
    assert site.wait(job)["state"] == "Complete"
    assert "the group Default Group: no limit, before 1.0 MB" in site.cli("audit")


def test_a_running_job_that_passes_the_quota_is_told_once_and_goes_on(site):
    site.create(project("head -c 3000000 /dev/urandom > $OUT_DIR/big; until [ -e $OUT_DIR/go ]; do sleep 0.1; done; echo survived"))
    job = site.submit("p", "t")
    site.wait(job, ("Running",))

    def told():
        items = site.request("GET", f"/events?job={job['id']}")["items"]
        return [event for event in items if event["reason"] == "StorageOverQuota"]

    until("the job is told", told)
    (site.folder / "org/default/p/out/go").touch()
    assert site.wait(job)["state"] == "Complete"
    assert "survived" in site.log_of(job, "r-0")
    [event] = told()
    assert event["count"] == 1 and "that the project p may keep on the storage default are used. What runs goes on" in event["message"]


def test_data_that_could_not_be_moved_is_moved_as_soon_as_nothing_is_in_the_way(site):
    site.create(project("echo >> $OUT_DIR/runs; wc -l < $OUT_DIR/runs"))
    assert site.run("p", "t")["state"] == "Complete"
    obstacle = site.folder / "org/default/renamed"
    obstacle.mkdir()
    site.cli("project", "rename", "p", "renamed")
    until("it is told of in the log", lambda: f"already has a folder of a project \\\"renamed\\\" at {obstacle}" in (site.data / "server.log").read_text())
    with pytest.raises(Failed, match="still being moved or removed") as refused:
        site.submit("renamed", "t")
    assert refused.value.code == 409
    obstacle.rmdir()

    def submitted():
        try:
            return site.submit("renamed", "t")
        except Failed:
            return None

    job = until("the data has been moved", submitted)
    assert site.wait(job)["state"] == "Complete"
    assert site.log_of(job, "r-0").strip() == "2"


def test_a_storage_of_one_group_is_nowhere_for_others(site):
    site.request("POST", "/pools", {"name": "research"})
    site.request("POST", "/groups", {"name": "research", "pool": "research"})
    with pytest.raises(Failed) as refused:
        site.create(project("true", storage="lab"))
    assert 'there is no storage "lab"; there are: default' in refused.value.text
    assert "lab" in site.cli("storage", "list")  # To an operator.
    mia, otto = Person(site, "mia", "research"), Person(site, "otto", "Default Group")
    assert [storage["name"] for storage in mia.request("GET", "/storages")["items"]] == ["default", "lab"]
    assert [storage["name"] for storage in otto.request("GET", "/storages")["items"]] == ["default"]
    assert otto.refused("GET", "/storages/lab") == 404
    wish = json.loads(project("date > $OUT_DIR/when", "deep", "lab", "/shared/common"))
    with pytest.raises(Failed) as refused:
        otto.request("POST", "/projects", wish)
    assert 'there is no storage \\"lab\\"; there are: default' in refused.value.text
    mia.request("POST", "/projects", wish)
    job = mia.request("POST", "/projects/deep/tasks/t/jobs", {})
    assert site.wait(job)["state"] == "Complete"
    # On a storage of one group /shared/x is the group's.
    group = mia.request("GET", "/storages/lab")["group"]["id"]
    assert (site.folder.parent / f"lab/org/{group}/shared/common/when").exists()
    found = measured(site, f"org/{group}/shared", lambda use: use["files"] == 1, "lab")
    assert found["owner"] == "group"
    # Who leaves the group cannot run with its storage any more, and is told of no other.
    site.cli("user", "move", "mia", "Default Group")
    with pytest.raises(Failed) as refused:
        mia.request("POST", "/projects/deep/tasks/t/jobs", {})
    assert 'there is no storage' in refused.value.text
