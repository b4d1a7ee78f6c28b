"""NFS and S3 sources with real servers: read and written by jobs, in trouble, and well again."""
import contextlib
import json
import pathlib
import re
import shutil
import socket
import subprocess

import pytest

from conftest import Failed, until
from nfs_fixtures import needs_nfs, needs_nfs3
from real_servers import Nfs3Server, NfsServer, S3Guard, S3Server, free_port

pytestmark = pytest.mark.skipif(not pathlib.Path("/dev/fuse").exists(), reason="this machine cannot mount file systems of programs")
needs_s3 = pytest.mark.skipif(shutil.which("rclone") is None, reason="rclone is not installed")


@pytest.fixture
def nfs(request, tmp_path):
    server = getattr(request, "param", NfsServer)(tmp_path / "nfs")
    (server.export / "in").mkdir()
    (server.export / "in/hello.txt").write_text("hello from nfs\n")
    yield server.start()
    server.stop()


@pytest.fixture
def s3(tmp_path):
    server = S3Server(tmp_path / "s3").start()
    yield server
    server.stop()


@pytest.fixture
def guarded(s3):
    """The same server behind a guard that looks at the keys."""
    guard = S3Guard(s3.url)
    yield guard
    guard.stop()


def document(source, command, **task):
    return json.dumps({"name": "p", "sources": [{"name": "data", "mount_path": "/workspace/data", **source}],
                       "tasks": [{"name": "t", "resources": [{"name": "r", "command": command}], **task}]})


def mounts_of(server):
    return [line for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines() if str(server.data) in line]


def messages_of(server, job):
    """What the job went through, and what was told of it on the way."""
    return json.dumps([server.request("GET", f"/jobs/{job['id']}/{part}") for part in ("events", "notices")])


READ_AND_WRITE = "cat $DATA_DIR/hello.txt && mkdir -p $DATA_DIR/out && echo written by $BUILD_ID > $DATA_DIR/out/result.txt"


EITHER_NFS = pytest.mark.parametrize("nfs", [pytest.param(NfsServer, marks=needs_nfs), pytest.param(Nfs3Server, marks=needs_nfs3)], indirect=True)


@EITHER_NFS
def test_an_nfs_source_is_read_and_written_by_a_job(server, nfs):
    server.create(document({"nfs": {"server": nfs.address, "path": nfs.path}, "sub_path": "/in"}, READ_AND_WRITE))
    job = server.run("p", "t")
    assert job["state"] == "Complete", job
    assert server.log_of(job, "r-0") == "hello from nfs\n"
    assert (nfs.export / "in/out/result.txt").read_text() == "written by 1\n"
    until("nothing of it is mounted any more", lambda: not mounts_of(server))
    until("its work folder is gone", lambda: not list((server.data / "work").iterdir()))
    assert (nfs.export / "in/hello.txt").exists()


@EITHER_NFS
def test_a_job_waits_for_an_nfs_server_and_goes_on_when_it_is_there(server, nfs):
    nfs.stop()
    server.create(document({"nfs": f"{nfs.address}:{nfs.path}", "sub_path": "in"}, READ_AND_WRITE))
    job = server.submit("p", "t")
    until("it is tried twice", lambda: re.search(r"tried ([2-9]|\d\d+) times since", server.job(job)["reason"] or ""))
    assert server.job(job)["state"] == "Starting"
    assert f"source data: the NFS server {nfs.address} cannot be reached" in server.job(job)["reason"]
    nfs.start()
    assert server.wait(job)["state"] == "Complete"


@EITHER_NFS
def test_an_nfs_server_that_falls_silent_hangs_nobody(server, nfs):
    server.create(document({"nfs": {"server": nfs.address, "path": nfs.path}},
                           "echo ready; while ls $DATA_DIR; do sleep 0.2; done; echo it failed"))
    job = server.submit("p", "t")
    until("it lists the folder", lambda: "ready" in server.log_of(job, "r-0"))
    nfs.stop()
    assert server.wait(job)["state"] == "Complete"
    assert "it failed" in server.log_of(job, "r-0")


@needs_s3
def test_an_s3_source_is_read_and_written_by_a_job(server, s3):
    s3.put("in/hello.txt", "hello from s3\n")
    server.create(document({"s3": {"bucket": s3.bucket, "server": s3.url}, "sub_path": "in"}, READ_AND_WRITE))
    job = server.run("p", "t")
    assert job["state"] == "Complete", job
    assert server.log_of(job, "r-0") == "hello from s3\n"
    assert s3.get("in/out/result.txt") == "written by 1\n"  # At the moment at which the job is complete.
    until("nothing of it is mounted any more", lambda: not mounts_of(server))


@needs_s3
def test_a_bucket_that_is_copied_gets_what_a_failing_job_changed(server, s3):
    s3.put("hello.txt", "hello from s3\n")
    s3.put("kept.txt", "kept\n")
    command = "cat $DATA_DIR/hello.txt; echo a > \"$DATA_DIR/with space\"; rm $DATA_DIR/kept.txt; exit 3"
    server.create(document({"s3": {"bucket": s3.bucket, "server": s3.url, "mode": "copy"}}, command))
    job = server.run("p", "t")
    assert job["state"] == "Error" and "exit code 3" in job["reason"]
    assert server.log_of(job, "r-0") == "hello from s3\n"
    assert s3.get("with space") == "a\n"
    assert s3.get("kept.txt") == "kept\n"
    assert "Copying 1 changed file" in messages_of(server, job)
    assert mounts_of(server) == []


@needs_s3
@pytest.mark.parametrize("mode", ["mount", "copy"])
def test_a_wrong_secret_of_a_bucket_is_told_without_it_and_the_job_goes_on_with_the_right_one(server, s3, guarded, mode):
    s3.put("hello.txt", "hello from s3\n")
    server.cli("account", "create", "keys", "--kind", "s3", "--user", "S3RVER", stdin="n0t-the-secret\n")
    origin = {"bucket": s3.bucket, "server": guarded.url, "account": "keys", "mode": mode}
    server.create(document({"s3": origin}, "cat $DATA_DIR/hello.txt", timeout="5m"))
    checked = server.request("POST", "/projects/p/sources/data/check")
    assert not checked["ok"] and "the account's key or secret is wrong" in checked["message"], checked
    job = server.submit("p", "t")
    until("the job says that it is refused", lambda: "the account's key or secret is wrong" in messages_of(server, job))
    assert server.job(job)["state"] == "Starting" and guarded.refused > 1
    server.cli("account", "update", "keys", "--secret-file", "-", stdin="S3RVER\n")
    done = server.wait(job)
    assert done["state"] == "Complete" and server.log_of(done, "r-0") == "hello from s3\n"
    # Neither what was said nor what was logged has any of the two.
    everything = messages_of(server, done) + server.cli("logs", done["name"], "--replica", "job") + (server.data / "server.log").read_text()
    assert "n0t-the-secret" not in everything + json.dumps(checked) + json.dumps(done)


@needs_s3
def test_a_bucket_that_is_not_there_is_waited_for(server, s3):
    server.create(document({"s3": {"bucket": "later", "server": s3.url}}, "echo a > $DATA_DIR/x"))
    job = server.submit("p", "t")
    until("it says so", lambda: "the bucket later on" in (server.job(job)["reason"] or ""))
    assert "does not exist" in server.job(job)["reason"]
    s3.rclone("mkdir", "s3:later")
    assert server.wait(job)["state"] == "Complete"


@pytest.fixture
def silent():
    """Eight servers that take every connection and never say a word."""
    with contextlib.ExitStack() as open_sockets:
        ports = []
        for _ in range(8):
            listening = open_sockets.enter_context(socket.socket())
            listening.bind(("127.0.0.1", 0))
            listening.listen(100)
            ports.append(listening.getsockname()[1])
        yield ports


@needs_s3
def test_a_healthy_job_runs_while_eight_others_wait_for_servers_that_say_nothing(server, silent):
    origins = [{"nfs": {"server": f"127.0.0.1:{port}", "path": "/exported"}} for port in silent[:4]]
    origins += [{"s3": {"server": f"http://127.0.0.1:{port}", "bucket": "data"}} for port in silent[4:]]
    sources = [{"name": f"s{i}", "mount_path": f"/workspace/s{i}", **origin} for i, origin in enumerate(origins)]
    task = lambda i: {"name": f"t{i}", "resources": [{"name": "r", "command": "true", "default_volume_mapping": False, "volumes": [{"source": f"s{i}"}]}]}
    server.create(json.dumps({"name": "p", "sources": sources, "tasks": [task(i) for i in range(8)]}))
    stuck = [server.submit("p", f"t{i}") for i in range(8)]
    server.create(json.dumps({"name": "well", "sources": [{"name": "data", "mount_path": "data", "cluster_storage": "default"}],
                              "tasks": [{"name": "t", "resources": [{"name": "r", "command": "echo well > $DATA_DIR/note"}]}]}))
    for _ in range(3):
        assert server.run("well", "t")["state"] == "Complete"
    # That was before any of the others had been given up for the first time.
    assert {server.job(job)["state"] for job in stuck} == {"Starting"}
    assert not any("tried" in (server.job(job)["reason"] or "") for job in stuck)
    for job in stuck:
        server.request("POST", f"/jobs/{job['id']}/stop")


@needs_s3
def test_the_wait_for_a_source_ends_with_the_tasks_timeout(server):
    server.create(document({"s3": {"bucket": "nobody", "server": f"http://127.0.0.1:{free_port()}"}}, "true", timeout="2s"))
    job = server.run("p", "t")
    assert job["state"] == "Error"
    assert "source data: the bucket nobody on" in job["reason"] and "given up" in job["reason"]


@needs_nfs
@needs_s3
def test_a_server_that_is_killed_finds_its_mounts_again(server, nfs, s3):
    sources = [{"name": "n", "nfs": {"server": nfs.address, "path": "/exported"}},
               {"name": "s", "s3": {"bucket": s3.bucket, "server": s3.url}}]
    command = "echo began; until [ -e $N_DIR/go ]; do sleep 0.1; done; echo done > $S_DIR/result"
    server.create(json.dumps({"name": "p", "sources": sources,
                              "tasks": [{"name": "t", "resources": [{"name": "r", "command": command}]}]}))
    job = server.submit("p", "t")
    until("it runs", lambda: "began" in server.log_of(job, "r-0"))
    server.kill()
    (nfs.export / "go").write_text("")
    server.start()
    assert server.wait(job)["state"] == "Complete"
    assert s3.get("result") == "done\n"
    until("nothing of it is mounted any more", lambda: not mounts_of(server))
