"""The files of git sources, with real git servers: seen and fetched without a job, at a commit, and never changed."""
import concurrent.futures
import json
import os
import shutil
import socket
import subprocess
import urllib.parse

import pytest

from conftest import PATIENCE, Failed, until
from git_fixtures import http, needs_sshd, repository  # noqa: F401: fixtures
from git_servers import SshGit, git


def push(folder, name="digits", message="more"):
    """Commits what lies in the author's clone, and returns the commit."""
    work = folder / f"author-of-{name}"
    git("-C", work, "add", "-A")
    git("-C", work, "commit", "-q", "-m", message)
    git("-C", work, "push", "-q", folder / f"{name}.git", "HEAD:main")
    return git("-C", work, "rev-parse", "HEAD")


def create(server, url, account=None, name="p", sub_path="", **origin):
    source = {"name": "code", "git": {"repository": str(url), **origin, **({"account": account} if account else {})}}
    server.request("POST", "/projects", {"name": name, "sources": [{**source, **({"sub_path": sub_path} if sub_path else {})}],
                                         "tasks": [{"name": "t", "resources": [{"name": "r", "command": "true"}]}]})


def address_of(path, name="p", **more):
    return f"/projects/{name}/sources/code/files?" + urllib.parse.urlencode({"path": path, **more})


def listed(who, path="", **more):
    return who.request("GET", address_of(path, **more))


def names(answer):
    return [item["name"] for item in answer["items"]]


def refused(server, method, path, body=None, name="p"):
    with pytest.raises(Failed) as failure:
        server.request(method, address_of(path, name), body, headers={"Content-Type": "application/octet-stream"})
    return failure.value


def test_a_private_repository_is_browsed_with_ones_account_and_fetched_once(server, folder, http):
    server.cli("account", "create", "work", "--kind", "git_token", "--user", "robot", stdin="s3cret\n")
    create(server, http.url(), "work")
    top = listed(server)
    assert names(top) == ["digits"] and top["commit"] == git("-C", folder / "digits.git", "rev-parse", "main")
    assert names(listed(server, "digits/src")) == ["train.py"]
    assert server.request("GET", address_of("digits/src/train.py"), raw=True) == b"print('trained')\n"
    assert http.packs == 1
    (folder / "author-of-digits/notes.txt").write_text("pushed\n")
    commit = push(folder)
    # The remote is asked again after some seconds.
    until("the push is seen", lambda: listed(server, "digits")["commit"] == commit)
    assert names(listed(server, "digits")) == ["notes.txt", "src"]
    for text in ("s3cret", "cm9ib3Q6czNjcmV0"):
        assert subprocess.run(["grep", "-rlF", text, server.data], capture_output=True, text=True).stdout == ""
    # Who has no account of that name is told so, and sees nothing of the copy that is here.
    server.cli("account", "delete", "work", "--force", "--yes")
    failure = refused(server, "GET", "digits")
    assert failure.code == 404 and "account" in failure.text


def test_a_wrong_token_and_none_are_told_without_it(server, http):
    create(server, http.url(), name="open")
    assert "asks for a user name or key" in refused(server, "GET", "", name="open").text
    server.cli("account", "create", "work", "--kind", "git_token", "--user", "robot", stdin="wr0ng-token\n")
    create(server, http.url(), "work")
    failure = refused(server, "GET", "")
    assert failure.code == 403 and "does not let the account work in" in failure.text and "wr0ng" not in failure.text
    server.cli("account", "update", "work", stdin="s3cret\n")
    assert names(listed(server)) == ["digits"]
    assert "wr0ng-token" not in (server.data / "server.log").read_text()


@needs_sshd
def test_a_deploy_key_opens_a_repository(server, folder, repository):
    ssh = SshGit(folder, folder / "sshd")
    try:
        until("sshd listens", ssh.is_up)
        server.cli("account", "create", "deploy", "--kind", "git_key", "--secret-file", ssh.key)
        create(server, ssh.url(), "deploy", sub_path="digits/src")
        assert names(listed(server)) == ["train.py"]
        assert server.request("GET", address_of("train.py"), raw=True) == b"print('trained')\n"
        create(server, ssh.url(), name="without")
        assert refused(server, "GET", "", name="without").code in (403, 503)
    finally:
        ssh.stop()


def test_the_command_line_lists_and_copies(server, folder, repository, tmp_path):
    work = folder / "author-of-digits"
    odd = ["a b", "new\nline", "-rf", "ümläut", os.fsdecode(b"bad\xff")]
    for name in odd:
        (work / "src" / name).write_bytes(os.fsencode(name))
    (work / "src/link").symlink_to("a b")
    commit = push(folder)
    create(server, repository)
    text = server.cli("source", "files", "p", "code", "digits/src")
    assert text.startswith(f"code at commit {commit[:12]}\n") and "train.py" in text
    assert json.loads(server.cli("source", "files", "p", "code", "-o", "json"))["commit"] == commit
    server.cli("source", "download", "p", "code", "digits/src/train.py", "--output", tmp_path / "one.py")
    assert (tmp_path / "one.py").read_text() == "print('trained')\n"
    server.cli("cp", "-r", "p/code:digits/src", tmp_path / "copy")
    for name in odd:
        assert (tmp_path / "copy" / name).read_bytes() == os.fsencode(name)
    assert (tmp_path / "copy/link").read_text() == "a b" and (tmp_path / "copy/train.py").exists()
    assert server.cli("cp", "p/code:digits/src/train.py", "-") == "print('trained')\n"
    for words in (["cp", tmp_path / "one.py", "p/code:digits/"], ["source", "upload", "p", "code", tmp_path / "one.py"]):
        with pytest.raises(Failed, match="files of a git repository are changed by commits"):
            server.cli(*words)
    assert git("-C", repository, "rev-parse", "main") == commit


def test_nothing_is_changed_from_here(server, repository):
    commit = git("-C", repository, "rev-parse", "main")
    create(server, repository)
    for method, body in [("PUT", b"x"), ("DELETE", None)]:
        failure = refused(server, method, "digits/src/train.py", body)
        assert failure.code == 403 and "changed by commits" in failure.text and str(repository) in failure.text
    with pytest.raises(Failed) as failure:
        server.request("POST", "/projects/p/sources/code/uploads?path=digits/a", {"size_bytes": 3})
    assert failure.value.code == 403
    assert git("-C", repository, "rev-parse", "main") == commit and not list((server.data / "uploads").glob("staged/*"))


def test_branches_tags_commits_and_sub_paths(server, folder, repository):
    first = git("-C", repository, "rev-parse", "main")
    git("-C", repository, "tag", "v1", first)
    git("-C", repository, "branch", "short-lived", first)
    (folder / "author-of-digits/src/train.py").write_text("print('two')\n")
    second = push(folder)
    for number, (revision, commit) in enumerate([("", second), ("main", second), ("v1", first), (first, first), (first[:10], first)]):
        create(server, repository, name=f"p{number}", revision=revision, sub_path="digits/src")
        answer = listed(server, name=f"p{number}")
        assert names(answer) == ["train.py"] and answer["commit"] == commit, revision
    create(server, repository, name="vanishing", revision="short-lived", sub_path="digits")
    assert names(listed(server, name="vanishing")) == ["src"]
    git("-C", repository, "branch", "-D", "short-lived")

    def gone():
        try:
            return listed(server, name="vanishing") and None
        except Failed as failure:
            return failure

    failure = until("the branch is missed", gone)
    assert failure.code == 404 and 'no branch, tag or commit \\"short-lived\\"' in failure.text and "it has the branches main" in failure.text
    create(server, repository, name="wrong", sub_path="src")
    assert "sub paths begin with the repository's name" in refused(server, "GET", "", name="wrong").text


def test_hostile_paths_links_and_submodules_lead_nowhere(server, folder, repository):
    work = folder / "author-of-digits"
    for name, target in {"up": "../README", "far": "/etc/passwd", "gone": "none", "loop": "loop", "near": "train.py"}.items():
        (work / "src" / name).symlink_to(target)
    (work / "README").write_text("read me\n")
    git("-C", work, "update-index", "--add", "--cacheinfo", f"160000,{git('-C', work, 'rev-parse', 'HEAD')},src/module")
    git("-C", work, "add", "README", *(f"src/{name}" for name in ("up", "far", "gone", "loop", "near")))
    git("-C", work, "commit", "-q", "-m", "links")
    git("-C", work, "push", "-q", repository, "main")
    create(server, repository, sub_path="digits/src")
    kinds = {item["name"]: item["kind"] for item in listed(server)["items"]}
    assert kinds == {"far": "link", "gone": "link", "loop": "link", "module": "other", "near": "link", "train.py": "file", "up": "link"}
    assert server.request("GET", address_of("near"), raw=True) == b"print('trained')\n"
    for path, code in {"up": 403, "far": 403, "gone": 404, "loop": 404, "module": 400, "module/x": 404, "none": 404, "../README": 400,
                       "a/../../README": 400, "/etc/passwd": 400, "..": 400, "a\0b": 400, ".git/config": 404}.items():
        assert refused(server, "GET", path).code == code, path


def test_a_big_file_comes_by_ranges_and_goes_on_over_commits(server, folder, repository, tmp_path):
    work = folder / "author-of-digits"
    content = os.urandom(5_000_000)
    (work / "big").write_bytes(content)
    push(folder)
    create(server, repository, sub_path="digits")
    tag = {item["name"]: item for item in listed(server)["items"]}["big"]["tag"]
    assert server.request("GET", address_of("big"), raw=True) == content
    assert server.request("GET", address_of("big"), headers={"Range": "bytes=4000001-4000100"}, raw=True) == content[4000001:4000101]
    assert server.request("GET", address_of("big"), headers={"Range": "bytes=-7"}, raw=True) == content[-7:]
    with pytest.raises(Failed) as failure:
        server.request("GET", address_of("big"), headers={"Range": "bytes=5000000-"}, raw=True)
    assert failure.value.code == 416
    (work / "other").write_text("else\n")
    commit = push(folder)
    until("the push is seen", lambda: listed(server)["commit"] == commit)
    rest = server.request("GET", address_of("big"), headers={"Range": "bytes=4999990-", "If-Match": tag}, raw=True)
    assert rest == content[-10:]
    (work / "big").write_bytes(content[:-1] + b"!")
    commit = push(folder)
    until("the push is seen", lambda: listed(server)["commit"] == commit)
    with pytest.raises(Failed) as failure:
        server.request("GET", address_of("big"), headers={"Range": "bytes=4999990-", "If-Match": tag}, raw=True)
    assert failure.value.code == 412


def test_an_empty_repository_says_so(server, folder):
    git("init", "-q", "--bare", "-b", "main", folder / "empty.git")
    create(server, folder / "empty.git")
    failure = refused(server, "GET", "")
    assert failure.code == 404 and "has no commits at its HEAD" in failure.text


def test_a_remote_that_goes_away_is_told_and_found_again(server, folder, repository):
    moved = folder / "moved.git"
    create(server, repository)
    assert names(listed(server)) == ["digits"]
    shutil.move(repository, moved)

    def told():
        try:
            return listed(server) and None
        except Failed as failure:
            return failure

    failure = until("it is missed", told)
    assert failure.code == 404 and "there is no git repository" in failure.text
    shutil.move(moved, repository)
    assert names(listed(server)) == ["digits"]


def test_a_silent_server_holds_up_neither_others_nor_the_end_of_the_server(server, repository):
    with socket.socket() as silent, concurrent.futures.ThreadPoolExecutor(1) as pool:
        silent.bind(("127.0.0.1", 0))
        silent.listen(100)
        silent.settimeout(PATIENCE)
        create(server, f"http://127.0.0.1:{silent.getsockname()[1]}/x.git", name="silent")
        create(server, repository)
        looking = pool.submit(refused, server, "GET", "", name="silent")
        connection, _ = silent.accept()
        assert names(listed(server)) == ["digits"]
        assert not looking.done()
        server.stop()
        # Had the server waited for as long as somebody waits for an answer, it would say that none came.
        assert looking.exception() or "git was given up" in looking.result().text
        connection.close()
