"""Git repositories that take long to come: told while they do, ended when nobody wants them, and nothing of them left half."""
import os
import subprocess

import pytest

from conftest import until
from git_servers import GatedGit, git

MB = 1_000_000


def make_repository(folder, name, megabytes):
    bare, work = folder / f"{name}.git", folder / f"author-of-{name}"
    git("init", "-q", "-b", "main", work)
    for number in range(megabytes // 4):
        (work / f"part{number}").write_bytes(os.urandom(4 * MB))
    (work / "README").write_text(f"{name}\n")
    git("-C", work, "add", "-A")
    git("-C", work, "commit", "-q", "-m", "one")
    git("clone", "-q", "--bare", work, bare)
    return bare


@pytest.fixture
def gate(folder):
    repositories = folder / "repositories"
    repositories.mkdir()
    make_repository(repositories, "large", 20)
    make_repository(repositories, "small", 0)
    made = GatedGit(repositories)
    until("git's daemon listens", made.is_up)
    yield made
    made.stop()


@pytest.fixture
def server(make_server, folder):
    """One whose cache is its own: what is left in it is looked at."""
    made = make_server()
    (made.data / "cache").mkdir(parents=True)
    return made.start()


def project(gate, name, repository="large", **task):
    command = f"cat $SRC_DIR/{repository}/README; ls $SRC_DIR/{repository} | wc -l"
    return {"name": name, "sources": [{"name": "src", "git": gate.url(repository)}],
            "tasks": [{"name": "t", "resources": [{"name": "r", "command": command}], **task}]}


def half_fetched(server):
    return list((server.data / "cache/git").rglob("objects/pack/tmp_*"))


def fetches(server):
    """Processes of git that work for this server, also when it is gone."""
    found = subprocess.run(["pgrep", "-f", f"{server.data}/cache/git"], capture_output=True, text=True)
    return found.stdout.split()


def begin_fetch(server, gate, megabytes=8, **task):
    """A job whose repository stops coming after so much."""
    gate.close_after(megabytes * MB)
    server.request("POST", "/projects", project(gate, "p", **task))
    job = server.submit("p", "t")
    until("the fetch is held up", lambda: gate.held and sum(f.stat().st_size for f in half_fetched(server)) > (megabytes - 1) * MB)
    return job


def events(server, job):
    return "\n".join(item["message"] for item in server.request("GET", f"/jobs/{job['id']}/notices")["items"])


def test_a_fetch_is_told_of_while_it_goes_on(server, gate):
    job = begin_fetch(server, gate)
    until("it is told how far it is", lambda: "of the objects (" in events(server, job))
    assert gate.url("large") in events(server, job)
    gate.open()
    assert server.wait(job)["state"] == "Complete"
    assert server.log_of(job, "r-0").split() == ["large", "6"]
    assert half_fetched(server) == []


def test_a_fetch_ends_with_the_jobs_timeout_and_leaves_nothing(server, gate):
    job = server.wait(begin_fetch(server, gate, timeout="4s"))
    assert job["state"] == "Error"
    assert "could not be fetched before the job's time was over" in job["reason"]
    assert "had come, which is lost" in job["reason"]
    assert half_fetched(server) == [] and fetches(server) == []
    gate.open()
    server.request("POST", "/projects", project(gate, "q"))
    assert server.run("q", "t")["state"] == "Complete"


def test_a_job_that_is_stopped_is_fetched_for_no_longer(server, gate):
    job = begin_fetch(server, gate)
    server.request("POST", f"/jobs/{job['id']}/stop")
    until("git has ended", lambda: not fetches(server))
    until("nothing is left", lambda: half_fetched(server) == [] and not (server.data / "work" / job["id"]).exists())


def test_a_server_that_is_stopped_does_not_wait_for_a_fetch(server, gate):
    job = begin_fetch(server, gate)
    server.stop()
    assert fetches(server) == [] and half_fetched(server) == []
    gate.open()
    server.start()
    assert server.wait(job)["state"] == "Complete"


def test_a_server_that_was_killed_fetches_again_and_leaves_nothing_half(server, gate):
    job = begin_fetch(server, gate)
    server.kill()
    left = half_fetched(server)
    assert left
    gate.open()
    server.start()
    assert server.wait(job)["state"] == "Complete"
    assert half_fetched(server) == []
    assert server.log_of(job, "r-0").split() == ["large", "6"]


def test_jobs_that_wait_for_one_repository_hold_up_no_others(server, gate):
    begin_fetch(server, gate)
    waiting = [server.submit("p", "t") for _ in range(8)]
    server.request("POST", "/projects", project(gate, "other", "small"))
    gate.pass_who_come_later()
    assert server.run("other", "t")["state"] == "Complete"
    assert half_fetched(server) != []
    until("one says what it waits for", lambda: any("for another job" in events(server, job) for job in waiting))
    gate.open()
    for job in waiting:
        assert server.wait(job)["state"] == "Complete"


def test_what_a_job_does_to_its_clone_does_not_reach_the_next(server, gate):
    document = project(gate, "p")
    document["tasks"][0]["resources"][0]["command"] = (
        "cd $SRC_DIR/large && test ! -e .git/objects/info/alternates && chmod -R u+w .git/objects && "
        "for f in $(find .git/objects -type f); do echo broken > $f; done && echo spoilt")
    server.request("POST", "/projects", document)
    job = server.run("p", "t")
    assert "spoilt" in server.log_of(job, "r-0")
    server.request("POST", "/projects", project(gate, "q"))
    job = server.run("q", "t")
    assert job["state"] == "Complete" and server.log_of(job, "r-0").split() == ["large", "6"]
