"""The server is killed at any moment; nothing acknowledged is lost, nothing runs twice, no line is missing."""
import contextlib
import json
import os
import random
import signal
import subprocess
import time

import pytest

from conftest import BINARY, Failed, Server, one_task, until


def test_replicas_outlive_the_server_and_are_found_again(server):
    go = server.data.parent / "go"
    server.create(one_task("for i in $(seq 1 30); do echo line $i; sleep 0.05; done; until [ -e $GO ]; do sleep 0.05; done\n"
                           "for i in $(seq 31 60); do echo line $i; done; exit 7", env={"GO": str(go)}))
    job = server.submit("p", "t")
    server.wait(job, states=("Running",))
    server.restart()
    assert server.job(job)["state"] == "Running"
    go.touch()
    done = server.wait(job)
    assert done["state"] == "Error" and "exit code 7" in done["reason"]
    assert server.log_of(job, "r-0").splitlines() == [f"line {i}" for i in range(1, 61)]


def test_an_exit_while_the_server_is_down_is_not_lost(server):
    server.create(one_task("touch $MARK; sleep 1; echo done; exit 5", env={"MARK": str(server.data.parent / "mark")}))
    job = server.submit("p", "t")
    until("the replica runs", lambda: (server.data.parent / "mark").exists())
    server.kill()
    until("the replica's exit is on disk", lambda: any((server.data / "run").rglob("reports/*.exited")))
    server.start()
    done = server.wait(job)
    assert done["state"] == "Error" and "exit code 5" in done["reason"]
    assert server.log_of(job, "r-0") == "done\n"


def test_whatever_was_acknowledged_before_a_kill_is_there_and_runs_once(server):
    """Jobs are submitted while the server is killed again and again; each one acknowledged runs exactly once."""
    marks = server.data.parent / "marks"
    marks.mkdir()
    server.create(one_task("echo x >> $MARKS/$BUILD_ID", env={"MARKS": str(marks)}))
    seed = random.Random(7)
    acknowledged = {}
    for round_number in range(8):
        for number in range(seed.randint(1, 6)):
            key = f"{round_number}-{number}"
            job = server.request("POST", "/projects/p/tasks/t/jobs", {}, headers={"Idempotency-Key": key})
            acknowledged[key] = job
        time.sleep(seed.random() * 0.1)
        server.restart()
    for key, job in acknowledged.items():
        assert server.wait(job)["state"] == "Complete"
        assert (marks / str(job["build"])).read_text() == "x\n"
        again = server.request("POST", "/projects/p/tasks/t/jobs", {}, headers={"Idempotency-Key": key})
        assert again["id"] == job["id"]
    builds = sorted(job["build"] for job in acknowledged.values())
    assert builds == list(range(1, len(builds) + 1))


def test_a_stop_that_was_asked_for_before_a_kill_is_carried_out_after_it(server):
    server.create(one_task("trap 'sleep 1; exit 0' TERM; while :; do sleep 0.1; done"))
    job = server.submit("p", "t")
    server.wait(job, states=("Running",))
    server.request("POST", f"/jobs/{job['id']}/stop")
    server.restart()
    assert server.wait(job)["state"] == "Stopped"


def test_a_deletion_that_waits_for_a_component_is_not_forgotten_by_a_kill(make_server):
    server = make_server(config="stop_grace: 60s\n").start()
    stubborn = "trap '' TERM; echo started; while [ ! -e end ]; do sleep 0.1; done"
    server.create(json.dumps({"name": "p", "components": [{"name": "tool", "command": stubborn, "enabled": True}]}))
    folder = until("it has started", lambda: next((server.data / "components").glob("*/tool"), None))
    until("it runs", lambda: server.request("GET", "/projects/p/components/tool")["state"] == "Running")
    until("it is deaf", lambda: "started" in server.cli("component", "logs", "p/tool"))
    asking = subprocess.Popen([BINARY, "project", "delete", "p", "--yes"], env=server.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until("the deletion has begun", lambda: server.request("GET", "/projects/p")["deleting_at"])
    server.kill()
    assert asking.wait(60) != 0
    server.start()
    assert server.request("GET", "/projects/p")["deleting_at"]
    assert "it goes when its components have ended" in server.cli("project", "show", "p")
    assert "being deleted" in server.cli("project", "list")
    with pytest.raises(Failed, match="the project p is being deleted"):
        server.request("POST", "/projects/p/components/tool/enable", {})
    (folder / "end").touch()
    until("it is gone", lambda: server.request("GET", "/projects")["items"] == [])
    until("and its folder with it", lambda: not folder.exists())
    assert server.request("GET", "/audit")["items"][0]["action"] == "project.delete"


def test_a_stopped_server_leaves_jobs_running(server):
    server.create(one_task("for i in $(seq 1 40); do echo $i; sleep 0.05; done"))
    job = server.submit("p", "t")
    server.wait(job, states=("Running",))
    server.stop()
    server.start()
    assert server.wait(job)["state"] == "Complete"
    assert server.log_of(job, "r-0").split() == [str(i) for i in range(1, 41)]


def test_a_second_server_on_the_same_folder_is_refused(server):
    done = subprocess.run([BINARY, "serve", "--data", str(server.data), "--listen", "127.0.0.1:0"], env=server.env(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 4
    assert "another Pintle server is using" in done.stderr


def test_a_folder_of_a_newer_version_is_refused(server):
    server.stop()
    subprocess.run(["sqlite3", str(server.data / "state.db"), "insert into schema_migrations(version, name, sha256, applied_at) values (9999, 'later', 'x', 0)"], check=True)
    done = subprocess.run([BINARY, "serve", "--data", str(server.data), "--listen", "127.0.0.1:0"], env=server.env(), capture_output=True, text=True, timeout=30)
    assert done.returncode != 0 and "newer" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_disk_refuses_new_work_and_goes_on_when_there_is_space(folder):
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], check=True)
    server = Server(disk / "data")
    try:
        server.start()
        server.create(one_task("echo hello"))
        assert server.run("p", "t")["state"] == "Complete"
        filler = disk / "filler"
        # Without a buffer: what is left in one is written when the file is closed, and fails then.
        with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 65536)
        refused = None
        for _ in range(2000):
            try:
                server.submit("p", "t")
            except Failed as error:
                refused = error
                break
        assert refused is not None and refused.code in (429, 503), refused
        filler.unlink()
        job = until("the server takes jobs again", lambda: try_submit(server))
        assert server.wait(job)["state"] == "Complete"
        everything = server.request("GET", "/jobs?limit=1000")["items"]
        until("every job has ended", lambda: not server.request("GET", "/jobs?live=true")["items"])
        assert len({j["build"] for j in everything}) == len(everything)
    finally:
        server.stop()
        subprocess.run(["umount", "-l", str(disk)], check=False)


def try_submit(server):
    try:
        return server.submit("p", "t")
    except Failed:
        return None
