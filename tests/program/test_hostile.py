"""Bad input and bad clients: a clear error with its place, and the server goes on."""
import json
import re
import resource
import socket

import pytest

from conftest import Failed, one_task, until

GOOD = "name: p\ntasks:\n- name: t\n  resources:\n  - {name: r, command: 'true'}\n"


def post_yaml(server, text):
    return server.request("POST", "/projects", text if isinstance(text, bytes) else text.encode(), headers={"Content-Type": "application/yaml"})


def fault_of(server, text, code=400):
    with pytest.raises(Failed) as refused:
        post_yaml(server, text)
    assert refused.value.code == code, refused.value.text
    return json.loads(refused.value.text)


def test_a_wrong_value_is_named_with_its_place(server):
    error = fault_of(server, GOOD.replace("command: 'true'", "command: 'true', replicas: two"))
    assert error["code"] == "invalid" and error["request_id"]
    fault = error["details"][0]
    assert fault["path"] == "tasks[0].resources[0].replicas" and fault["line"] == 5
    assert fault["message"] == 'expected a whole number ≥ 1, got "two"'


def test_an_unknown_field_is_a_warning_with_the_nearest_name(server, folder):
    path = folder / "p.yaml"
    path.write_text(GOOD.replace("command: 'true'", "command: 'true', replcas: 2"))
    done = server.cli("project", "create", "-f", path, check=False)
    assert done.returncode == 0
    assert re.search(r"p.yaml:5:\d+: warning: .*replcas: is not a known field and is ignored; did you mean \"replicas\"\?", done.stdout + done.stderr), done.stderr


@pytest.mark.parametrize("text, words", [
    ("a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(8)), "too many"),
    ("[" * 100_000, "never closed"),
    ("name: [unclosed", "line"),
    ("name: p\nname: q\n", "name"),
    (b"name: \xff\xfe", "UTF-8"),
    ("name: Bad_Name\ntasks: []\n", "not a valid name"),
    (GOOD + "- name: t\n  resources: [{name: r, command: x}]\n", "two tasks named"),
    (GOOD.replace("command: 'true'", "command: 'true', volumes: [{source: nowhere}]"), "nowhere"),
    (GOOD.replace("command: 'true'", "command: 'true', requests: {memory: 2Gi}, limits: {memory: 1Gi}"), "more than its limit"),
    ("name: p\nsources:\n- {name: a, cluster_storage: default, sub_path: ../../etc}\n", ".."),
    ("name: p\nsources:\n- {name: a, mount_path: /x, cluster_storage: default}\n- {name: b, mount_path: /x, cluster_storage: default}\ntasks: [{name: t, resources: [{name: r, command: x}]}]\n", "/x"),
    ("name: p\nsources:\n- {name: a, git: 'ext::sh'}\n", "git repository"),
    ("name: p\nsources:\n- {name: a, cluster_storage: elsewhere}\n", "there are: default"),
], ids=["alias bomb", "deep nesting", "unclosed", "same key twice", "not UTF-8", "bad name", "same task twice", "unknown source", "request over limit",
        "dot dot", "mount path clash", "git program", "unknown storage"])
def test_a_bad_document_is_refused_with_words_that_help(server, text, words):
    error = fault_of(server, text)
    assert words in json.dumps(error, ensure_ascii=False), error
    assert server.request("GET", "/projects")["items"] == []


def test_a_document_and_a_body_over_the_limit_are_refused(server):
    assert "4.2 MB at most" in fault_of(server, "x: " + "y" * (5 << 20), 413)["message"]
    with socket.create_connection(server.address.split(":")) as wire:
        wire.sendall(f"POST /api/v1/projects HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.token}\r\nContent-Length: 1000000000000\r\n\r\n".encode())
        assert b" 413 " in wire.recv(1000)


def test_a_stranger_cannot_make_the_server_hold_a_large_body(server):
    with socket.create_connection(server.address.split(":")) as wire:
        wire.sendall(b"POST /api/v1/projects HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer pot_guess\r\nContent-Length: 10000000\r\n\r\n")
        assert b" 413 " in wire.recv(1000)


def test_nobody_gets_an_answer_without_a_token(server):
    for path in ("/server", "/projects", "/openapi.json", "/nowhere"):
        with pytest.raises(Failed) as refused:
            server.request("GET", path, token="pot_guess")
        assert refused.value.code == 401


def test_another_host_name_is_refused_so_that_a_web_page_cannot_reach_the_server(server):
    with pytest.raises(Failed) as refused:
        server.request("GET", "/server", headers={"Host": "evil.example"})
    assert refused.value.code == 403


def test_a_thousand_connections_at_once_are_served(server):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    host, port = server.address.split(":")
    request = f"GET /api/v1/projects HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.token}\r\n\r\n".encode()
    wires = []
    try:
        for _ in range(1000):
            wires.append(socket.create_connection((host, int(port)), 30))
        for wire in wires:
            wire.sendall(request)
        for wire in wires:
            assert wire.recv(64).startswith(b"HTTP/1.1 200 ")
    finally:
        for wire in wires:
            wire.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_client_that_vanishes_while_it_follows_disturbs_nobody(server):
    server.create(one_task("for i in $(seq 1 2000); do echo line $i; done; sleep 0.2; echo end"))
    job = server.submit("p", "t")
    host, port = server.address.split(":")
    for _ in range(20):
        wire = socket.create_connection((host, int(port)))
        wire.sendall(f"GET /api/v1/jobs/{job['id']}/logs/r-0?tail=10 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nAuthorization: Bearer {server.token}\r\n\r\n".encode())
        wire.recv(10)
        wire.close()
    assert server.wait(job)["state"] == "Complete"
    assert server.log_of(job, "r-0").splitlines()[-1] == "end"


def test_a_replica_that_floods_its_log_is_kept_within_the_limit(make_server):
    server = make_server(config="log_limit: 16Mi\n").start()
    server.create(one_task("yes 0123456789012345678901234567890123456789 | head -c 99999999; echo; echo the end"))
    job = server.run("p", "t")
    assert job["state"] == "Complete"
    page = server.request("GET", f"/jobs/{job['id']}/logs/r-0?tail=1")
    assert page["items"][0]["text"] == "the end" and page["first_line"] > 1
    used = sum(f.stat().st_size for f in (server.data / "logs").rglob("*") if f.is_file())
    assert used < 40 << 20


def test_binary_output_is_kept_and_shown_safely(server):
    server.create(one_task(r"printf 'a\000b\377c\033[31mred\n'; head -c 1000 /dev/urandom"))
    job = server.run("p", "t")
    assert server.request("GET", f"/jobs/{job['id']}/logs/r-0?download=1", raw=True).startswith(b"a\x00b\xffc\x1b[31mred\n")
    assert server.request("GET", f"/jobs/{job['id']}/logs/r-0?from_line=1&limit=1")["items"][0]["text"].startswith("a\x00b\ufffdc")


def test_a_regular_expression_that_would_hang_others_does_not_hang_us(server):
    server.create(one_task("head -c 200000 /dev/zero | tr '\\0' a; echo"))
    job = server.run("p", "t")
    assert server.request("GET", f"/jobs/{job['id']}/logs/r-0?grep=(a%2B)%2Bb")["items"] == []
    with pytest.raises(Failed) as refused:
        server.request("GET", f"/jobs/{job['id']}/logs/r-0?grep=(unclosed")
    assert refused.value.code == 400


def test_deleting_says_first_what_goes_and_keeps_what_others_see(server):
    server.create(json.dumps({"name": "p", "sources": [{"name": "own", "cluster_storage": "default"}, {"name": "team", "cluster_storage": "default", "sub_path": "/team"}],
                              "tasks": [{"name": "t", "resources": [{"name": "r", "command": "touch $OWN_DIR/x $TEAM_DIR/y"}]}]}))
    assert server.run("p", "t")["state"] == "Complete"
    done = server.cli("project", "delete", "p", check=False)
    assert done.returncode != 0 and "own" in done.stdout + done.stderr
    said = server.cli("project", "delete", "p", "--yes")
    assert "own" in said and "team" in said
    root = server.data / "storage/default/org/default"
    until("the private folder is gone", lambda: not (root / "p/own").exists())
    assert (root / "team/y").exists()
    assert server.request("GET", "/projects")["items"] == []


def test_a_project_goes_elsewhere_and_back_as_a_file(server, folder):
    server.create(GOOD)
    exported = server.cli("project", "export", "p")
    path = folder / "exported.yaml"
    path.write_text(exported.replace("name: p\n", "name: elsewhere\n", 1))
    server.cli("project", "create", "-f", path)
    first, second = (server.request("GET", f"/projects/{name}")["document"] for name in ("p", "elsewhere"))
    assert {**first, "name": ""} == {**second, "name": ""}


def test_the_openapi_document_speaks_of_every_route_that_answers(server):
    document = server.request("GET", "/openapi.json")
    assert document["openapi"].startswith("3.1")
    assert "/projects/{project}/tasks/{task}/jobs" in json.dumps(list(document["paths"])).replace("/api/v1", "")
