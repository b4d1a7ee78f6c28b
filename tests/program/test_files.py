"""Files of sources: uploads that survive the server's death, copies by `pintle cp`, and what others may not."""
import concurrent.futures
import hashlib
import os
import pathlib
import re
import socket
import subprocess

import pytest

from conftest import BINARY, Failed, until
from test_operators import Person

PROJECT = "name: p\nsources:\n- {name: data, cluster_storage: default}\n- {name: other, cluster_storage: default}\n"
MIB = 1 << 20
UPLOADS = "/projects/p/sources/data/uploads"


def in_storage(server, source, *path):
    return pathlib.Path(server.data, "storage/default/org/default/p", source, *path)


def begin(server, path, size, **wish):
    return server.request("POST", f"{UPLOADS}?path={path}", {"size_bytes": size, **wish})


def piece(server, upload, offset, content):
    return server.request("PATCH", f"{UPLOADS}/{upload['id']}?offset={offset}", content)


def connected(address):
    host, port = address.rsplit(":", 1)
    try:
        return socket.create_connection((host, int(port)), timeout=60)
    except OSError:
        return None


def peak_memory(server):
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


def test_an_upload_goes_on_after_the_server_was_killed(server):
    server.create(PROJECT)
    content = os.urandom(5 * MIB)
    upload = begin(server, "big.bin", len(content), sha256=hashlib.sha256(content).hexdigest())
    assert piece(server, upload, 0, content[:2 * MIB])["offset"] == 2 * MIB
    server.restart()
    there = server.request("GET", f"{UPLOADS}/{upload['id']}")
    assert there["offset"] == 2 * MIB and there["state"] == "receiving"
    with pytest.raises(Failed, match=f'"message":"{2 * MIB}"') as wrong:
        piece(server, upload, 0, content[:MIB])
    assert wrong.value.code == 409
    assert not in_storage(server, "data", "big.bin").exists()
    assert server.request("GET", "/projects/p/sources/data/files")["items"] == []
    assert piece(server, upload, 2 * MIB, content[2 * MIB:])["state"] == "done"
    assert in_storage(server, "data", "big.bin").read_bytes() == content
    server.restart()
    assert server.request("GET", f"{UPLOADS}/{upload['id']}")["state"] == "done"


def test_a_command_that_uploads_outlives_kills_of_the_server(server, folder):
    server.create(PROJECT)
    source = folder / "big.bin"
    content = os.urandom(64 * MIB)
    source.write_bytes(content)
    staged = pathlib.Path(server.data, "storage/default/.pintle-uploads")
    command = subprocess.Popen([BINARY, "cp", source, "p/data:in/big.bin"], env=server.env(), stderr=subprocess.PIPE)
    for share in (8, 24, 40):
        until("pieces arrive", lambda: command.poll() is not None or any(f.stat().st_size > share * MIB for f in staged.glob("*")))
        server.restart()
    assert command.wait(120) == 0, command.stderr.read()
    assert in_storage(server, "data", "in", "big.bin").read_bytes() == content
    assert list(staged.glob("*")) == []


def test_a_piece_that_comes_while_the_server_starts_is_taken(server):
    server.create(PROJECT)
    content = os.urandom(MIB)
    upload = begin(server, "big.bin", 2 * MIB)
    head = (f"PATCH /api/v1{UPLOADS}/{upload['id']}?offset=0 HTTP/1.1\r\nHost: {server.address}\r\nAuthorization: Bearer {server.token}\r\n"
            f"Content-Type: application/octet-stream\r\nContent-Length: {MIB}\r\nConnection: close\r\n\r\n").encode()

    def send_as_soon_as_somebody_listens():
        with until("somebody listens", lambda: connected(server.address), pause=0.001) as connection:
            connection.sendall(head + content)
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))

    server.kill()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(send_as_soon_as_somebody_listens)
        server.start()
        assert answer.result().startswith(b"HTTP/1.1 200 "), answer.result()
    assert server.request("GET", f"{UPLOADS}/{upload['id']}")["offset"] == MIB


def test_a_command_that_was_killed_goes_on_when_it_is_run_again(server, folder):
    server.create(PROJECT)
    source = folder / "big.bin"
    content = os.urandom(160 * MIB)
    source.write_bytes(content)
    staged = pathlib.Path(server.data, "storage/default/.pintle-uploads")
    command = subprocess.Popen([BINARY, "source", "upload", "p", "data", source], env=server.env(), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    until("pieces arrive", lambda: any(f.stat().st_size > 4 * MIB for f in staged.glob("*")))
    command.kill()
    command.wait()
    assert not in_storage(server, "data", "big.bin").exists()
    again = server.cli("source", "upload", "p", "data", source, check=False)
    assert again.returncode == 0 and "going on with" in again.stderr
    assert in_storage(server, "data", "big.bin").read_bytes() == content


def test_the_servers_memory_stays_flat_for_a_large_file(server, folder):
    server.create(PROJECT)
    source = folder / "sparse.bin"
    with open(source, "wb") as file:
        file.truncate(1024 * MIB)
        file.seek(700 * MIB)
        file.write(b"in the middle")
    server.cli("source", "files", "p", "data")
    before = peak_memory(server)
    server.cli("cp", source, "p/data:")
    server.cli("cp", "p/data:sparse.bin", folder / "back.bin")
    grown = peak_memory(server) - before
    assert grown < 100 * MIB, f"grown by {grown / MIB:.0f} MiB"
    assert subprocess.run(["cmp", source, folder / "back.bin"]).returncode == 0


def test_copies_go_round_with_odd_names(server, folder):
    server.create(PROJECT)
    names = [b"plain", b"with space", b"two\nlines", b"caf\xe9 \xff\xfe", "größe 数据".encode(), b"100%25 & ?#+", b".hidden", b"-dash", b"a:b"]
    here = os.fsencode(folder / "here")
    os.makedirs(here + b"/sub \xe9/deep")
    for name in names:
        for place in (b"", b"/sub \xe9/deep"):
            with open(here + place + b"/" + name, "wb") as file:
                file.write(b"content of " + name)
    (folder / "here/empty").write_bytes(b"")
    server.cli("cp", "-r", folder / "here", "p/data:there")
    server.cli("cp", "-r", "p/data:there", "p/other:")
    server.cli("cp", "-r", "p/other:there/.", folder / "back")
    compared = subprocess.run(["diff", "-r", "--no-dereference", folder / "here", folder / "back"], capture_output=True)
    assert compared.returncode == 0, compared.stdout
    assert not [name for _, _, files in os.walk(os.fsencode(folder / "back")) for name in files if name.endswith(b".part")]


def test_empty_folders_come_along_out_of_a_source(server, folder):
    server.create(PROJECT)
    (in_storage(server, "data") / "runs/1/plots").mkdir(parents=True)
    (in_storage(server, "data") / "runs/2").mkdir()
    (in_storage(server, "data") / "runs/1/loss").write_text("0.5\n")
    assert "1 file copied" in server.cli("cp", "-r", "p/data:runs", folder / "copied")
    server.cli("source", "download", "p", "data", "runs", "--output", folder / "fetched")
    for there in (folder / "copied", folder / "fetched"):
        assert (there / "1/plots").is_dir() and (there / "2").is_dir() and (there / "1/loss").read_text() == "0.5\n"
    assert "1 file copied" in server.cli("cp", "-r", "p/data:runs", "p/other:")


def test_pipes_are_copied_from_and_to(server):
    server.create(PROJECT)
    done = subprocess.run([BINARY, "cp", "-", "p/data:log.txt"], env=server.env(), input=b"a\0b" * MIB * 2, capture_output=True)
    assert done.returncode == 0, done.stderr
    back = subprocess.run([BINARY, "cp", "p/data:log.txt", "-"], env=server.env(), capture_output=True)
    assert back.returncode == 0 and back.stdout == b"a\0b" * MIB * 2


def test_a_download_goes_on_after_the_server_was_killed(server, folder):
    server.create(PROJECT)
    content = os.urandom(200 * MIB)
    in_storage(server, "data").mkdir(parents=True)
    in_storage(server, "data", "big").write_bytes(content)
    command = subprocess.Popen([BINARY, "cp", "p/data:big", folder / "big"], env=server.env(), stderr=subprocess.PIPE)
    until("bytes arrive", lambda: command.poll() is not None or any(f.stat().st_size > 8 * MIB for f in folder.glob(".big*.part")))
    server.restart()
    assert command.wait(120) == 0, command.stderr.read()
    assert (folder / "big").read_bytes() == content


def test_hostile_paths_and_sizes_are_refused(server, folder):
    server.create(PROJECT)
    for path in ("../../x", "/etc/x", "a/%2e%2e/x", "a/../../../x", "x%00y", "", "y" * 300):
        with pytest.raises(Failed) as refused:
            begin(server, path, 1)
        assert refused.value.code == 400, path
    for size in (-1, 1 << 62, "x", None):
        with pytest.raises(Failed) as refused:
            begin(server, "x", size)
        assert refused.value.code == 400, size
    with pytest.raises(Failed, match="free for the source data") as full:
        begin(server, "x", 1 << 55)
    assert full.value.code == 507
    # A program in a job lays links; nothing goes where they lead.
    begin(server, "first", 0)
    in_storage(server, "data").mkdir(parents=True, exist_ok=True)
    in_storage(server, "data", "out").symlink_to(folder)
    upload = begin(server, "out/x", 1)
    with pytest.raises(Failed, match="leads out of its folder"):
        piece(server, upload, 0, b"x")
    assert not (folder / "x").exists()


def test_uploads_are_their_senders_own(server):
    ana, ben = Person(server, "ana", "default"), Person(server, "ben", "default")
    ana.request("POST", "/projects", {"name": "p", "sources": [{"name": "data", "cluster_storage": "default"}]})
    upload = ana.request("POST", f"{UPLOADS}?path=x", {"size_bytes": 2})
    one = f"{UPLOADS}/{upload['id']}"
    assert ben.refused("GET", one) == 403
    assert ben.refused("PATCH", one + "?offset=0", b"x") == 403
    assert ben.refused("DELETE", one) == 403
    # The operator may edit the project, and learns nothing of what others are sending.
    with pytest.raises(Failed) as refused:
        server.request("PATCH", one + "?offset=0", b"x")
    assert refused.value.code == 404
    assert server.request("GET", UPLOADS)["items"] == []
    assert ana.request("PATCH", one + "?offset=0", b"xy")["state"] == "done"
