"""Components: real long-running programs, found again after a crash, started again when they end."""
import json
import socket
import urllib.request

import pytest

from conftest import Failed, until

SERVE = "python3 -m http.server --bind $PINTLE_ADDRESS $PORT"


@pytest.fixture
def tool(server):
    """A project whose component shows the files of its folder."""
    server.create(json.dumps({
        "name": "p",
        "sources": [{"name": "data", "mount_path": "data", "cluster_storage": "default"}],
        "tasks": [{"name": "t", "resources": [{"name": "r", "command": "echo from the task > $DATA_DIR/note"}]}],
        "components": [
            {"name": "files", "command": SERVE, "port": 8099},
            {"name": "breaks", "command": "echo attempt; exit 3"},
        ],
    }))
    return server


def state_of(server, name):
    return server.request("GET", f"/projects/p/components/{name}")


def reach(server, name, state):
    return until(f"{name} is {state}", lambda: (now := state_of(server, name))["state"] == state and now)


def fetch(server, name, path=""):
    job = server.request("GET", f"/jobs/p%2F{name}")
    address = job["replicas"][0]["address"]

    def probe():
        try:
            with urllib.request.urlopen(f"http://{address}:8099/{path}", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            return None

    return until(f"{name} answers", probe)


def test_a_component_runs_sees_the_sources_and_keeps_its_files(tool):
    assert tool.run("p", "t")["state"] == "Complete"
    assert "Starting" in tool.cli("component", "enable", "p/files")
    reach(tool, "files", "Running")
    listing = fetch(tool, "files")
    if "data/" in listing:  # Where private mounts are possible the sources lie in its folder.
        assert fetch(tool, "files", "data/note") == "from the task\n"
    folder = next((tool.data / "components").glob("*/files"))
    (folder / "kept").write_text("kept\n")
    first = state_of(tool, "files")["job"]
    tool.cli("component", "restart", "p/files")
    until("another job runs it", lambda: (now := state_of(tool, "files"))["job"] not in (None, first) and now["state"] == "Running")
    assert fetch(tool, "files", "kept") == "kept\n"
    tool.cli("component", "disable", "p/files")
    reach(tool, "files", "Disabled")
    assert (folder / "kept").exists()
    assert "files" in tool.cli("component", "list", "p")
    assert "GET /kept" in tool.cli("component", "logs", "p/files")
    # Its jobs are none of the project's.
    assert [job["name"] for job in tool.request("GET", "/jobs?limit=10")["items"]] == ["p/t:1"]
    tool.cli("project", "delete", "p", "--yes")
    until("its folder is removed", lambda: not folder.exists())


def test_a_running_component_goes_on_while_the_server_is_killed(tool):
    tool.cli("component", "enable", "p/files")
    before = reach(tool, "files", "Running")
    tool.restart()
    assert state_of(tool, "files")["job"] == before["job"]
    reach(tool, "files", "Running")
    assert "Directory listing" in fetch(tool, "files")


def test_a_component_whose_port_is_taken_says_so_and_runs_as_soon_as_it_is_free(server):
    with socket.socket() as taker:
        taker.bind(("0.0.0.0", 0))
        taker.listen()
        port = taker.getsockname()[1]
        server.create(json.dumps({"name": "p", "components": [{"name": "files", "command": SERVE, "port": port}]}))
        server.cli("component", "enable", "p/files")
        failing = reach(server, "files", "CrashLoopBackOff")
        assert "ended with exit code 1" in failing["reason"] and "started again in" in failing["reason"]
        assert failing["job"] is None  # So it holds nothing meanwhile.
        until("its log says why", lambda: "Address already in use" in server.cli("component", "logs", "p/files"))
    # It is tried again by itself, soon.
    reach(server, "files", "Running")
    until("it answers", lambda: "Directory listing" in answer_of(server, "files", port))


def answer_of(server, name, port):
    try:
        address = server.request("GET", f"/jobs/p%2F{name}")["replicas"][0]["address"]
        with urllib.request.urlopen(f"http://{address}:{port}/", timeout=5) as answer:
            return answer.read().decode()
    except (OSError, Failed):
        return ""


def test_a_component_that_ends_again_and_again_waits_longer_each_time_and_says_why(tool):
    tool.cli("component", "enable", "p/breaks")
    until("it has failed three times", lambda: state_of(tool, "breaks")["failures"] >= 3)
    reach(tool, "breaks", "CrashLoopBackOff")
    now = until("it waits", lambda: (now := state_of(tool, "breaks"))["state"] == "CrashLoopBackOff" and now)
    assert "breaks-0 ended with exit code 3" in now["reason"] or "exit code 3" in now["reason"]
    status = tool.cli("status", "p")
    assert "breaks" in status
    assert "attempt" in tool.cli("component", "logs", "p/breaks")
    tool.cli("component", "disable", "p/breaks")
    assert reach(tool, "breaks", "Disabled")["failures"] == 0


def test_deleting_a_project_ends_its_components_first(tool):
    tool.cli("component", "enable", "p/files")
    reach(tool, "files", "Running")
    address = tool.request("GET", "/jobs/p%2Ffiles")["replicas"][0]["address"]
    fetch(tool, "files")
    tool.cli("project", "delete", "p", "--yes")
    with pytest.raises(Failed):
        tool.request("GET", "/projects/p")
    with pytest.raises(OSError):
        urllib.request.urlopen(f"http://{address}:8099/", timeout=5)
