"""The files of NFS and S3 sources, with real servers: seen, put, fetched and removed without a job."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import urllib.parse

import pytest

from conftest import BINARY, Failed, until
from nfs_fixtures import needs_nfs, needs_nfs3
from real_servers import Nfs3Server, NfsServer, S3Guard, S3Server, free_port
from test_operators import Person, lab  # noqa: F401

needs_s3 = pytest.mark.skipif(shutil.which("rclone") is None, reason="rclone is not installed")


class Nfs:
    """An export with a folder of its own for the source."""

    kind = NfsServer

    def __init__(self, folder):
        self.server = self.kind(folder)
        self.root = self.server.export / "in"
        self.root.mkdir()
        self.server.start()

    def source(self, **more):
        return {"nfs": {"server": self.server.address, "path": self.server.path}, "sub_path": "/in", **more}

    def put(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def get(self, name):
        path = self.root / name
        return path.read_bytes() if path.exists() else None

    def fill(self, count):
        (self.root / "many").mkdir()
        for number in range(count):
            (self.root / f"many/{number:05}").touch()


class Nfs3(Nfs):
    kind = Nfs3Server


class S3:
    """A bucket in which the source is everything below a prefix."""

    def __init__(self, folder):
        self.server = S3Server(folder).start()
        self.scratch = self.server.folder / "scratch"

    def source(self, **more):
        return {"s3": {"bucket": self.server.bucket, "server": self.server.url}, "sub_path": "in", **more}

    def put(self, name, content):
        self.scratch.write_bytes(content)
        self.server.rclone("copyto", str(self.scratch), f"s3:{self.server.bucket}/in/{name}")

    def get(self, name):
        self.scratch.unlink(missing_ok=True)
        self.server.rclone("copyto", f"s3:{self.server.bucket}/in/{name}", str(self.scratch), check=False)
        return self.scratch.read_bytes() if self.scratch.exists() else None

    def fill(self, count):
        """Objects as s3rver keeps them; putting each would take minutes."""
        self.put("many/00000", b"")
        folder = self.server.objects / self.server.bucket / "in/many"
        model = sorted(folder.iterdir())
        for number in range(1, count):
            for file in model:
                shutil.copy(file, folder / file.name.replace("00000", f"{number:05}"))


@pytest.fixture(params=[pytest.param(Nfs, marks=needs_nfs), pytest.param(Nfs3, marks=needs_nfs3), pytest.param(S3, marks=needs_s3)])
def origin(request, tmp_path):
    made = request.param(tmp_path / "origin")
    yield made
    made.server.stop()


def document(source, name="p"):
    return {"name": name, "sources": [{"name": "data", **source}], "tasks": [{"name": "t", "resources": [{"name": "r", "command": "true"}]}]}


def address_of(path, **more):
    return "/projects/p/sources/data/files?" + urllib.parse.urlencode({"path": path, **more})


def listed(who, path="", **more):
    return who.request("GET", address_of(path, **more))


def names(answer):
    return [item["name"] for item in answer["items"]]


def put(server, path, content):
    return server.request("PUT", address_of(path), content, headers={"Content-Type": "application/octet-stream"})


def fetch(server, path, headers=None):
    return server.request("GET", address_of(path), headers=headers, raw=True)


def refused(server, method, path, body=None):
    with pytest.raises(Failed) as failure:
        server.request(method, address_of(path), body, headers={"Content-Type": "application/octet-stream"})
    return failure.value


def test_files_are_seen_put_fetched_and_removed(server, origin):
    server.request("POST", "/projects", document(origin.source()))
    assert listed(server)["items"] == []
    origin.put("a.txt", b"hello\n")
    origin.put("runs/1/loss", b"0.5\n")
    origin.put("runs/log", b"done\n")  # s3rver leaves out folders that have none but folders in them.
    entries = {item["name"]: item for item in listed(server)["items"]}
    assert {name: item["kind"] for name, item in entries.items()} == {"a.txt": "file", "runs": "folder"}
    assert entries["a.txt"]["size_bytes"] == 6
    assert names(listed(server, "runs/1")) == ["loss"]
    assert fetch(server, "runs/1/loss") == b"0.5\n"
    assert fetch(server, "a.txt", {"Range": "bytes=2-3"}) == b"ll"

    big = os.urandom(3_000_000)
    put(server, "new/folder/big", big)
    assert origin.get("new/folder/big") == big and fetch(server, "new/folder/big") == big
    put(server, "a.txt", b"another\n")
    assert origin.get("a.txt") == b"another\n"
    put(server, "empty", b"")
    assert fetch(server, "empty") == b""
    assert not list((server.data / "uploads").glob("staged/*"))

    assert refused(server, "PUT", "runs", b"x").code == 409
    assert refused(server, "GET", "nothing").code == 404
    assert refused(server, "GET", "nothing/at/all").code == 404
    assert refused(server, "DELETE", "nothing").code == 404
    server.request("DELETE", address_of("a.txt"))
    server.request("DELETE", address_of("new"))
    assert origin.get("a.txt") is None and origin.get("new/folder/big") is None
    assert origin.get("runs/1/loss") == b"0.5\n" and names(listed(server)) == ["empty", "runs"]


def test_the_command_line_does_the_same(server, origin, tmp_path):
    server.request("POST", "/projects", document(origin.source()))
    folder = tmp_path / "upload"
    (folder / "inner folder").mkdir(parents=True)
    (folder / "one").write_text("1\n")
    (folder / "inner folder/two").write_text("2\n")
    server.cli("source", "upload", "p", "data", folder)
    assert origin.get("inner folder/two") == b"2\n"
    assert "inner folder" in server.cli("source", "files", "p", "data")
    server.cli("source", "download", "p", "data", "inner folder/two", "--output", tmp_path / "back")
    assert (tmp_path / "back").read_text() == "2\n"


def test_names_may_be_odd(server, origin):
    server.request("POST", "/projects", document(origin.source()))
    for name in ["with space", "ümläut", "new\nline", "quo\"te,comma", "-rf", "%2e%2e", "$HOME;`id`", "*?[x]", "#frag&a=b", "x" * 200]:
        put(server, name, name.encode())
        assert fetch(server, name) == name.encode(), name
    # S3 knows no other names than UTF-8; what is not goes through all the same.
    raw = "/projects/p/sources/data/files?encoded_path=" + urllib.parse.quote("bad%FFname")
    server.request("PUT", raw, b"bytes", headers={"Content-Type": "application/octet-stream"})
    assert server.request("GET", raw, raw=True) == b"bytes"
    entries = listed(server)["items"]
    assert len(entries) == 11 and "with space" in names({"items": entries})
    for entry in entries:
        address = "/projects/p/sources/data/files?" + urllib.parse.urlencode(
            {"encoded_path": entry["encoded_name"]} if entry["encoded_name"] else {"path": entry["name"]})
        server.request("DELETE", address)
    assert listed(server)["items"] == []


def test_a_large_folder_comes_in_pages(server, origin):
    origin.fill(5000)
    server.request("POST", "/projects", document(origin.source()))
    found, cursor = [], ""
    while True:
        page = listed(server, "many", limit=1000, **({"cursor": cursor} if cursor else {}))
        found += names(page)
        cursor = page.get("next_cursor")
        if not cursor:
            break
    assert found == [f"{number:05}" for number in range(5000)]


def test_hostile_paths_reach_nothing(server, origin):
    origin.put("kept", b"kept\n")
    origin.put("../outside", b"of nobody\n") if isinstance(origin, Nfs) else origin.server.put("outside", "of nobody\n")
    server.request("POST", "/projects", document(origin.source()))
    for path in ["../outside", "a/../../outside", "/etc/passwd", "..", "kept/../../outside", "a\0b"]:
        for method, body in [("GET", None), ("PUT", b"x"), ("DELETE", None)]:
            assert refused(server, method, path, body).code == 400, (method, path)
    for path in ["", "/", ".", "./"]:
        assert refused(server, "DELETE", path).code == 400
    assert origin.get("kept") == b"kept\n"


@needs_nfs
def test_links_on_an_nfs_server_lead_nowhere_else(server, tmp_path):
    nfs = Nfs(tmp_path / "origin")
    try:
        nfs.put("sub/inner.txt", b"inner\n")
        nfs.put("../secret/key", b"of nobody\n")
        for name, target in {"inside": "sub/../sub/inner.txt", "folder": "sub", "up": "../secret", "absolute": "/etc", "top": "..",
                             "loop": "loop", "chain": "up/../../secret"}.items():
            (nfs.root / name).symlink_to(target)
        server.request("POST", "/projects", document(nfs.source()))
        assert fetch(server, "inside") == b"inner\n" and fetch(server, "folder/inner.txt") == b"inner\n"
        assert {item["name"]: item["kind"] for item in listed(server)["items"]}["up"] == "link"
        for path in ["up/key", "absolute/passwd", "top/secret/key", "chain/key", "loop", "loop/x", "up", "absolute"]:
            assert refused(server, "GET", path).code == 403, path
        for path in ["up/key", "absolute/pintle-test", "top/x"]:
            assert refused(server, "PUT", path, b"x").code == 403, path
        for path in ["up/key", "top/secret"]:
            assert refused(server, "DELETE", path).code == 403, path
        # A link itself may go, and what it names stays.
        server.request("DELETE", address_of("up"))
        server.request("DELETE", address_of("folder"))
        put(server, "inside", b"a file of its own\n")
        assert nfs.get("../secret/key") == b"of nobody\n" and nfs.get("sub/inner.txt") == b"inner\n"
        assert not (nfs.root / "inside").is_symlink()
        # So may a folder with links in it.
        (nfs.root / "sub/out").symlink_to("../../secret")
        server.request("DELETE", address_of("sub"))
        assert nfs.get("../secret/key") == b"of nobody\n" and nfs.get("sub/inner.txt") is None
    finally:
        nfs.server.stop()


def test_a_read_only_source_is_read_and_not_changed(server, origin):
    origin.put("a", b"a\n")
    server.request("POST", "/projects", document(origin.source(read_only=True)))
    assert fetch(server, "a") == b"a\n"
    for method, body in [("PUT", b"x"), ("DELETE", None)]:
        failure = refused(server, method, "a", body)
        assert failure.code == 403 and "read-only" in failure.text
    assert origin.get("a") == b"a\n"


def test_servers_that_are_silent_hold_up_nobody(server):
    """They take connections and never say a word."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(100)
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        silent_sources = [{"name": "n", "nfs": f"{address}:/exported"}, {"name": "s", "s3": {"bucket": "data", "server": f"http://{address}"}}]
        server.request("POST", "/projects", {**document({"cluster_storage": "default"}), "sources": [
            {"name": "data", "cluster_storage": "default"}, *silent_sources]})

        def ask(source):
            with pytest.raises(Failed) as failure:
                server.request("GET", f"/projects/p/sources/{source}/files")
            return failure.value

        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            # More than the server lets one project wait for at a time.
            asked = [pool.submit(ask, source) for source in "nsns"] + [pool.submit(ask, "n") for _ in range(4)]
            rounds = 0
            while not all(one.done() for one in asked):
                server.request("GET", "/projects")
                put(server, "a", b"a\n")
                assert names(listed(server)) == ["a"]
                rounds += 1
            failures = [one.result() for one in asked]
        # Had any of these waited for a silent server, there would be fewer of them than of those who asked it.
        assert rounds > len(asked)
        assert {failure.code for failure in failures} <= {429, 503, 504}
        # Which of them came too many is not said: requests of different connections overtake each other.
        waited = [failure for failure in failures if "wait already" not in failure.text]
        assert len(waited) >= 4
        for failure in waited:
            assert failure.code in (503, 504) and address in failure.text, failure.text


@pytest.mark.parametrize("kind", ["nfs", "s3"])
def test_a_server_that_is_not_there_is_named(server, kind):
    address = f"127.0.0.1:{free_port()}"
    source = {"nfs": f"{address}:/exported"} if kind == "nfs" else {"s3": {"bucket": "data", "server": f"http://{address}"}}
    server.request("POST", "/projects", document(source))
    failure = refused(server, "GET", "")
    assert failure.code == 503 and address in failure.text and "cannot be reached" in failure.text
    assert refused(server, "PUT", "a", b"x").code == 503
    assert not list((server.data / "uploads").glob("staged/*"))


@needs_nfs
def test_an_nfs_server_that_ends_in_the_middle_is_told_and_found_again(server, tmp_path):
    nfs = Nfs(tmp_path / "origin")
    try:
        nfs.put("a", b"a\n")
        server.request("POST", "/projects", document(nfs.source()))
        assert fetch(server, "a") == b"a\n"
        nfs.server.stop()
        assert refused(server, "GET", "a").code == 503
        nfs.server.start()
        assert fetch(server, "a") == b"a\n"
    finally:
        nfs.server.stop()


@needs_s3
def test_a_wrong_secret_is_told_without_it(server, tmp_path):
    s3 = S3(tmp_path / "origin")
    guard = S3Guard(s3.server.url)
    try:
        s3.put("a", b"a\n")
        server.cli("account", "create", "keys", "--kind", "s3", "--user", "S3RVER", stdin="n0t-the-secret\n")
        server.request("POST", "/projects", document({"s3": {"bucket": s3.server.bucket, "server": guard.url, "account": "keys"}, "sub_path": "in"}))
        failures = [refused(server, "GET", ""), refused(server, "GET", "a"), refused(server, "PUT", "b", b"x"), refused(server, "DELETE", "a")]
        for failure in failures:
            assert failure.code == 403 and "the account's key or secret is wrong" in failure.text, failure.text
        assert "n0t-the-secret" not in "".join(failure.text for failure in failures) + (server.data / "server.log").read_text()
        server.cli("account", "update", "keys", "--secret-file", "-", stdin="S3RVER\n")
        assert fetch(server, "a") == b"a\n"
        put(server, "b", b"b\n")
        assert s3.get("b") == b"b\n"
    finally:
        guard.stop()
        s3.server.stop()


@needs_s3
def test_a_bucket_that_is_not_there_is_told(server, tmp_path):
    s3 = S3(tmp_path / "origin")
    try:
        server.request("POST", "/projects", document({"s3": {"bucket": "nobodys", "server": s3.server.url}}))
        failure = refused(server, "GET", "")
        assert failure.code == 404 and "the bucket nobodys on" in failure.text and "does not exist" in failure.text
    finally:
        s3.server.stop()


@needs_s3
def test_each_reaches_a_bucket_with_their_own_account_only(lab, tmp_path):  # noqa: F811
    s3 = S3(tmp_path / "origin")
    guard = S3Guard(s3.server.url)
    try:
        s3.put("a", b"a\n")
        ana, cleo, bo = Person(lab, "ana", "research"), Person(lab, "cleo", "research"), Person(lab, "bo", "vision")
        ana.cli("account", "create", "keys", "--kind", "s3", "--user", "S3RVER", "--secret-file", str(secret_file(tmp_path)))
        source = {"s3": {"bucket": s3.server.bucket, "server": guard.url, "account": "keys"}, "sub_path": "in"}
        ana.request("POST", "/projects", document(source))
        assert names(listed(ana)) == ["a"]
        # Her mate sees the project and would run its jobs without her account; a stranger does not know of it.
        assert cleo.refused("GET", address_of("")) == 404
        assert bo.refused("GET", address_of("")) == 404
        assert bo.refused("DELETE", address_of("a")) in (403, 404)
        assert guard.refused == 0 and s3.get("a") == b"a\n"
    finally:
        guard.stop()
        s3.server.stop()


def secret_file(folder):
    path = folder / "secret"
    path.write_text("S3RVER\n")
    return path


@pytest.mark.parametrize("source", [{"nfs": "127.0.0.1:/exported"}, {"s3": {"bucket": "data", "server": "http://localhost:9"}}])
def test_private_addresses_are_refused_where_the_operator_forbids_them(make_server, source):
    server = make_server().start()
    server.request("POST", "/projects", document(source))
    server.kill()
    server.config = "sources: {allow_private: false}\n"
    server.start()
    failure = refused(server, "GET", "")
    assert failure.code == 403 and "private address" in failure.text


@needs_s3
def test_a_reader_who_goes_away_ends_what_sends_the_file(server, tmp_path):
    s3 = S3(tmp_path / "origin")
    try:
        s3.put("big", bytes(60_000_000))
        server.request("POST", "/projects", document(s3.source()))
        host, port = server.address.split(":")
        with socket.create_connection((host, int(port))) as reader:
            reader.sendall(f"GET /api/v1{address_of('big')} HTTP/1.1\r\nHost: {server.address}\r\nAuthorization: Bearer {server.token}\r\n\r\n".encode())
            assert b" 200 " in reader.recv(100)
            until("rclone sends it", lambda: senders(server))
        until("rclone has ended", lambda: not senders(server))
    finally:
        s3.server.stop()


def senders(server):
    """The server's own processes that send a file."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
        except OSError:
            continue
        if words[:2] == [b"rclone", b"cat"] and parent == str(server.process.pid):
            found.append(folder.name)
    return found


def upload_address(path):
    return "/projects/p/sources/data/uploads?" + urllib.parse.urlencode({"path": path})


def staged(server):
    return [path for path in (server.data / "uploads/staged").glob("*") if path.is_file()]


def in_origin_besides(origin, name):
    """What lies where the source's files lie, other than the file itself."""
    if isinstance(origin, Nfs):
        return [path.name for path in origin.root.rglob("*") if path.name != name]
    return [line for line in origin.server.rclone("lsf", "-R", "--files-only", f"s3:{origin.server.bucket}").split("\n") if line and not line.endswith(name)]


def test_an_upload_in_pieces_outlives_a_broken_connection_and_a_killed_server(server, origin):
    server.request("POST", "/projects", document(origin.source()))
    content = os.urandom(24_000_000)
    sent = {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    one = f"/projects/p/sources/data/uploads/{server.request('POST', upload_address('sets/big.bin'), sent)['id']}"
    assert server.request("PATCH", f"{one}?offset=0", content[:8_000_000])["offset"] == 8_000_000
    # The line breaks in the middle of a piece: what it brought is no part of the file.
    host, port = server.address.split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(f"PATCH /api/v1{one}?offset=8000000 HTTP/1.1\r\nHost: {server.address}\r\nAuthorization: Bearer {server.token}\r\n"
                     "Content-Length: 8000000\r\n\r\n".encode() + content[8_000_000:10_000_000])
    server.restart()
    assert origin.get("sets/big.bin") is None
    there = server.request("GET", one)
    assert there["state"] == "receiving" and there["offset"] == 8_000_000
    server.request("PATCH", f"{one}?offset=8000000", content[8_000_000:16_000_000])
    server.request("PATCH", f"{one}?offset=16000000", content[16_000_000:])
    # It dies again while it brings the file to where it belongs; who sends goes on from what has come, which is all.
    server.restart()
    there = server.request("GET", one)
    if there["state"] == "receiving":
        assert there["offset"] == len(content)
        server.request("PATCH", f"{one}?offset={len(content)}", b"")
    ended = until("it is stored", lambda: (now := server.request("GET", one))["state"] != "storing" and now)
    assert ended["state"] == "done", ended
    assert origin.get("sets/big.bin") == content
    assert staged(server) == [] and in_origin_besides(origin, "big.bin") in ([], ["sets"])


def test_a_command_that_copies_into_it_outlives_kills_of_the_server(server, origin, tmp_path):
    server.request("POST", "/projects", document(origin.source()))
    content = os.urandom(40_000_000)
    (tmp_path / "big.bin").write_bytes(content)
    command = subprocess.Popen([BINARY, "cp", tmp_path / "big.bin", "p/data:in/big.bin"], env=server.env(), stderr=subprocess.PIPE)
    for share in (8_000_000, 20_000_000):
        until("pieces arrive", lambda: command.poll() is not None or any(path.stat().st_size > share for path in staged(server)))
        server.restart()
    assert command.wait(180) == 0, command.stderr.read()
    assert origin.get("in/big.bin") == content
    assert staged(server) == [] and in_origin_besides(origin, "big.bin") in ([], ["in"])
