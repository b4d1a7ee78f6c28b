"""Files that a private repository keeps with git LFS: what jobs find and push, and what is seen without a job."""
import json
import pathlib
import shutil

import pytest

from conftest import Failed
from git_fixtures import http, repository  # noqa: F401: fixtures
from git_servers import LfsStore, commit_large_file, git, make_repository

MODEL = bytes(range(256)) * 4000  # 1 MB.


@pytest.fixture
def site(server, http, repository):
    server.cli("account", "create", "work", "--kind", "git_token", "--user", "robot", "--secret-file", "-", stdin="s3cret\n")
    return server


def project(url, command="true"):
    return json.dumps({"name": "p", "sources": [{"name": "src", "git": {"repository": url, "account": "work"}}],
                       "tasks": [{"name": "t", "resources": [{"name": "r", "command": command}]}]})


def downloads(http):
    return [path for command, path in http.large_requests if command == "GET"]


def test_jobs_get_a_large_file_with_the_account_and_push_another(site, http, folder, repository):
    commit_large_file(folder, "model.bin", MODEL)
    site.create(project(http.url(), "cd $SRC_DIR/digits && sha256sum model.bin && head -c 5000 model.bin > next.bin && git add -A && "
                                    "git commit -qm next && git push -q origin main && git status --porcelain && echo pushed"))
    job = site.run("p", "t")
    assert job["state"] == "Complete", site.cli("logs", job["name"])
    assert "pushed" in site.cli("logs", job["name"])
    assert git("-C", repository, "show", "main:next.bin").startswith("version https://git-lfs")
    assert sorted(path.stat().st_size for path in LfsStore(repository).folder.rglob("*") if path.is_file()) == [5000, len(MODEL)]
    assert len(downloads(http)) == 1
    site.run("p", "t")
    # The next job gets its own from the server's copy but for what the first one pushed.
    assert len(downloads(http)) == 2


def test_a_large_file_is_seen_and_fetched_before_any_job_had_it(site, http, folder):
    hashed = commit_large_file(folder, "model, of [1].bin", MODEL)
    site.create(project(http.url()))
    listed = json.loads(site.cli("source", "files", "p", "src", "digits", "-o", "json"))["items"]
    entry = next(each for each in listed if each["name"] == "model, of [1].bin")
    assert entry["size_bytes"] == len(MODEL) and entry["tag"].strip('"') == hashed
    assert downloads(http) == []
    site.cli("cp", "p/src:digits/model, of [1].bin", folder / "model")
    assert (folder / "model").read_bytes() == MODEL
    site.cli("cp", "-r", "p/src:digits", folder / "all")
    assert (folder / "all" / "model, of [1].bin").read_bytes() == MODEL
    assert len(downloads(http)) == 1
    left = [path for path in (site.data / "work").rglob("*") if path.is_file() and b"s3cret" in path.read_bytes()]
    assert left == []


def test_a_large_file_that_is_lost_or_refused_is_told_of_by_name(site, http, folder, repository):
    commit_large_file(folder, "model.bin", MODEL)
    commit_large_file(folder, "small.bin", b"x" * 2000)
    shutil.rmtree(LfsStore(repository).path(commit_large_file(folder, "gone.bin", b"y" * 3000)).parent)
    site.create(project(http.url()))
    with pytest.raises(Failed, match='"digits/gone.bin" is kept with git LFS: ') as lost:
        site.cli("cp", "p/src:digits/gone.bin", folder / "gone")
    assert "s3cret" not in str(lost.value)
    assert not pathlib.Path(folder / "gone").exists()
    site.cli("cp", "p/src:digits/small.bin", folder / "small")
    assert (folder / "small").read_bytes() == b"x" * 2000


def test_large_files_that_lfsconfig_keeps_on_another_server_are_seen_and_mounted(site, http, folder, repository):
    make_repository(folder, "elsewhere")
    hashed = commit_large_file(folder, "model.bin", MODEL)
    LfsStore(folder / "elsewhere.git").put(hashed, MODEL)
    shutil.rmtree(LfsStore(repository).folder)
    work = folder / "moved"
    git("clone", "-q", repository, work)
    (work / ".lfsconfig").write_text(f"[lfs]\n\turl = {http.url('elsewhere')}/info/lfs\n")
    git("-C", work, "add", ".lfsconfig")
    git("-C", work, "commit", "-q", "-m", "Keep large files elsewhere")
    git("-C", work, "push", "-q", "origin", "main")
    site.create(project(http.url(), "sha256sum $SRC_DIR/digits/model.bin"))
    site.cli("cp", "p/src:digits/model.bin", folder / "seen")
    assert (folder / "seen").read_bytes() == MODEL
    job = site.run("p", "t")
    assert hashed in site.cli("logs", job["name"]), job
