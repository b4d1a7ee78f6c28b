"""Private repositories, as jobs of the real server read them from real git servers and push back to them."""
import json
import os
import pathlib
import subprocess

import pytest

from conftest import Failed, until
from git_fixtures import http, needs_sshd, repository  # noqa: F401: fixtures
from git_servers import SshGit, git


@pytest.fixture
def ssh(folder, repository):
    made = SshGit(folder, folder / "sshd")
    until("sshd listens", made.is_up)
    yield made
    made.stop()


def project(url, command, account="work", **source):
    origin = {"repository": url, **({"account": account} if account else {})}
    return json.dumps({"name": "p", "sources": [{"name": "src", "git": origin, **source}],
                       "tasks": [{"name": "t", "resources": [{"name": "r", "command": command}]}]})


def told(server, job):
    return server.cli("logs", job["name"], "--replica", "job")


def refused(server, words):
    """Runs the task and returns what the job says of its source, once it says this; whether it then goes on trying is not asked."""
    job = server.submit("p", "t")

    def said():
        text = (server.job(job)["reason"] or "") + told(server, job)
        return text if words in text else None

    text = until(f"the job says: {words}", said)
    if server.job(job)["state"] not in ("Error", "Stopped", "Complete"):
        server.request("POST", f"/jobs/{job['id']}/stop")
    server.wait(job)
    return text


def everything_kept(server, text):
    """The files of the data folder that hold the text, as the owner of the server could find them."""
    found = subprocess.run(["grep", "-rlF", text, "--exclude-dir=cache", str(server.data)], capture_output=True, text=True)
    cache = subprocess.run(["grep", "-rlF", text, str(server.data / "cache" / "git")], capture_output=True, text=True)
    return (found.stdout + cache.stdout).split()


PUSH = "cd $SRC_DIR/digits && echo result > result && git add -A && git commit -qm 'from a job' && git push -q origin main && echo pushed"


def test_a_repository_is_asked_for_its_revisions_with_the_account_alone(server, http, repository):
    git("-C", repository, "branch", "next")
    git("-C", repository, "tag", "v1")
    with pytest.raises(Failed, match="asks for a user name or key"):
        server.cli("source", "revisions", http.url())
    server.cli("account", "create", "work", "--kind", "git_token", "--user", "robot", "--secret-file", "-", stdin="s3cret\n")
    server.cli("account", "create", "wrong", "--kind", "git_token", "--user", "robot", "--secret-file", "-", stdin="wr0ng\n")
    answer = json.loads(server.cli("source", "revisions", http.url(), "--account", "work", "-o", "json"))
    assert answer["head"] == "main" and [each["name"] for each in answer["branches"]] == ["main", "next"]
    assert [each["name"] for each in answer["tags"]] == ["v1"]
    with pytest.raises(Failed, match="does not let the account wrong in") as refusal:
        server.cli("source", "revisions", http.url(), "--account", "wrong")
    assert "wr0ng" not in str(refusal.value)
    assert everything_kept(server, "s3cret") == []


@needs_sshd
def test_a_repository_behind_ssh_is_asked_for_its_revisions_with_a_key(server, ssh):
    server.cli("account", "create", "key", "--kind", "git_key", "--secret-file", ssh.key)
    assert "main      branch, HEAD" in server.cli("source", "revisions", ssh.url(), "--account", "key")
    with pytest.raises(Failed):
        server.cli("source", "revisions", ssh.url())


def test_a_job_reads_a_private_repository_with_a_token_and_pushes_back(server, http, repository):
    server.cli("account", "create", "work", "--kind", "git_token", "--user", "robot", "--secret-file", "-", stdin="s3cret\n")
    server.create(project(http.url(), f"cat $SRC_DIR/digits/src/train.py; {PUSH}; env"))
    job = server.run("p", "t")
    log = server.log_of(job, "r-0") + told(server, job)
    assert job["state"] == "Complete", log
    assert "print('trained')" in log and "pushed" in log
    assert git("-C", repository, "show", "main:result") == "result"
    assert git("-C", repository, "log", "-1", "--format=%s by %an", "main") == "from a job by Pintle"
    # The token is nowhere: not in what is told, not in the API, and with the job went the files that had it.
    until("the job's folder is gone", lambda: not (server.data / "work" / job["id"]).exists())
    for text in ("s3cret", "cm9ib3Q6czNjcmV0"):
        assert text not in log
        assert text not in json.dumps(server.job(job)) + json.dumps(server.request("GET", "/accounts"))
        assert everything_kept(server, text) == []


def test_the_hundredth_job_of_a_day_clones_nothing(server, http):
    server.cli("account", "create", "work", "--kind", "git_token", "--user", "robot", stdin="s3cret\n")
    server.create(project(http.url(), "true"))
    server.run("p", "t")
    assert http.packs == 1
    for _ in range(4):
        assert server.run("p", "t")["state"] == "Complete"
    assert http.packs == 1


def test_without_an_account_or_with_a_wrong_one_the_job_says_what_to_do(server, http):
    server.create(project(http.url(), "true", account=None))
    assert "source src" in refused(server, "pintle account create makes one")
    server.cli("project", "delete", "p", "--yes")
    server.create(project(http.url(), "true"))
    with pytest.raises(Failed, match="neither .* nor their group has one of that name"):
        server.submit("p", "t")
    server.cli("account", "create", "work", "--kind", "git_token", "--user", "robot", stdin="wr0ng\n")
    said = refused(server, "does not let the account work in")
    assert "pintle account update work" in said and "wr0ng" not in said
    # The account with its right token is good from the next job on.
    server.cli("account", "update", "work", stdin="s3cret\n")
    assert server.run("p", "t")["state"] == "Complete"


def test_without_an_account_pushing_fails_with_gits_own_words(server, http, repository):
    server.create(project(str(repository), f"cd $SRC_DIR/digits; git remote set-url origin {http.url()}; GIT_TERMINAL_PROMPT=0 git push origin HEAD:x; true",
                          account=None))
    assert "could not read Username" in server.log_of(server.run("p", "t"), "r-0")


def test_a_source_that_is_read_only_gets_nothing_to_push_with(server, http):
    server.cli("account", "create", "work", "--kind", "git_token", "--user", "robot", stdin="s3cret\n")
    server.create(project(http.url(), "ls $SRC_DIR/digits/.git", read_only=True))
    names = server.log_of(server.run("p", "t"), "r-0").split()
    assert "config" in names and "pintle" not in names


@needs_sshd
def test_a_job_reads_a_private_repository_with_a_deploy_key_and_pushes_back(server, ssh, repository):
    server.cli("account", "create", "work", "--kind", "git_key", "--secret-file", ssh.key)
    server.create(project(ssh.url(), PUSH))
    job = server.run("p", "t")
    log = server.log_of(job, "r-0") + told(server, job)
    assert job["state"] == "Complete", log
    assert git("-C", repository, "show", "main:result") == "result"
    until("the job's folder is gone", lambda: not (server.data / "work" / job["id"]).exists())
    secret = ssh.key.read_text().splitlines()[2]
    assert secret not in log and everything_kept(server, secret) == []


@needs_sshd
def test_a_host_that_is_not_the_known_one_gets_nothing(server, ssh, folder):
    other = SshGit(folder, folder / "other")
    try:
        hosts = folder / "known_hosts"
        hosts.write_text(ssh.known_hosts())
        server.cli("account", "create", "work", "--kind", "git_key", "--secret-file", ssh.key, "--known-hosts", hosts)
        server.create(project(ssh.url(), "true"))
        assert server.run("p", "t")["state"] == "Complete"
        hosts.write_text(other.known_hosts().replace(str(other.port), str(ssh.port)))
        server.cli("account", "update", "work", "--known-hosts", hosts)
        assert "--known-hosts" in refused(server, "does not show the key that is known of it")
        server.cli("account", "update", "work", "--secret-file", other.key)
        hosts.write_text(ssh.known_hosts())
        server.cli("account", "update", "work", "--known-hosts", hosts)
        refused(server, "does not let the account work in: its key is wrong")
    finally:
        other.stop()


def test_jobs_of_others_do_not_see_the_token(server, http):
    server.cli("account", "create", "work", "--kind", "git_token", "--user", "robot", stdin="s3cret\n")
    server.create(project(http.url(), "sleep 100"))
    running = server.wait(server.submit("p", "t"), ("Running",))
    inside = server.data / "work" / running["id"]
    until("the job has its clone", lambda: (inside / "git" / "src" / "digits" / ".git" / "pintle" / "credential").exists())
    server.create(json.dumps({"name": "q", "tasks": [{"name": "t", "resources": [
        {"name": "r", "command": f"cat {inside}/git/src/digits/.git/pintle/credential; grep -rs s3cret /proc/[0-9]*/environ /proc/[0-9]*/cmdline; true"}]}]}))
    assert "s3cret" not in server.log_of(server.run("q", "t"), "r-0")
    server.request("POST", f"/jobs/{running['id']}/stop")


def test_a_project_is_made_from_a_private_repository(server, http, repository, folder):
    work = folder / "author-of-digits"
    (work / "src" / "pintle.yaml").write_text("name: theirs\ntasks: [{name: t, resources: [{name: r, command: 'true'}]}]\n")
    git("-C", work, "add", "-A")
    git("-C", work, "commit", "-q", "-m", "a project")
    git("-C", work, "push", "-q", repository, "main")
    with pytest.raises(Failed, match="pintle account create makes one"):
        server.cli("project", "create", "--git", http.url(), "--path", "src/pintle.yaml")
    server.cli("account", "create", "work", "--kind", "git_token", "--user", "robot", stdin="s3cret\n")
    # What follows ".git/" is a folder of the repository.
    assert "created theirs" in server.cli("project", "create", "--git", http.url() + "/src", "--account", "work")
    assert everything_kept(server, "s3cret") == []
