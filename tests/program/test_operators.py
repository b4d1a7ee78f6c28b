"""Two people of different groups and an operator on one server, who never meet each other's things."""
import json
import subprocess
import threading
import urllib.request

import pytest

from conftest import BINARY, Failed, until

GPUS = """
node:
  name: big
  gpus:
  - {model: A100, memory: 80Gi, count: 4}
  - {model: T4, memory: 16Gi, count: 2}
"""
PASSWORD = "correct horse battery staple of {}"


def project(name, gpus=0, command="true"):
    resource = {"name": "worker", "command": command, "resources": {"accelerators": {"gpu": gpus}}}
    return {"name": name, "tasks": [{"name": "train", "resources": [resource]}]}


class Person:
    """Somebody who came in by the operator's link, with a token of their own."""

    def __init__(self, server, name, group):
        self.server, self.name = server, name
        made = json.loads(server.cli("user", "onboard", name, "--group", group, "-o", "json"))
        assert made["link"].endswith("/welcome#" + made["code"])
        # As the page behind the link does.
        self._ask("POST", "/password", {"invite": made["code"], "password": PASSWORD.format(name)})
        signed_in, cookie = self._ask("POST", "/session", {"user": name, "password": PASSWORD.format(name)})
        headers = {"Cookie": cookie.split(";")[0], "X-CSRF-Token": signed_in["csrf"]}
        wish = {"name": "tests", "scopes": ["read", "run", "write"], "expires": "1d"}
        self.token = self._ask("POST", "/tokens", wish, headers)[0]["token"]

    def _ask(self, method, path, body, headers=None):
        address = f"http://{self.server.address}"
        request = urllib.request.Request(f"{address}/api/v1{path}", data=json.dumps(body).encode(), method=method)
        for key, value in {"Content-Type": "application/json", "Origin": address, **(headers or {})}.items():
            request.add_header(key, value)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read()), answer.headers.get("Set-Cookie")

    def request(self, method, path, body=None):
        return self.server.request(method, path, body, token=self.token)

    def refused(self, method, path, body=None):
        with pytest.raises(Failed) as refused:
            self.request(method, path, body)
        return refused.value.code

    def cli(self, *words):
        env = {**self.server.env(), "PINTLE_URL": f"http://{self.server.address}", "PINTLE_TOKEN": self.token}
        env.pop("PINTLE_DATA")
        return subprocess.run([BINARY, *words], env=env, capture_output=True, text=True, timeout=60)

    def run(self, name, gpus=0, command="true", until_state="Running"):
        self.request("POST", "/projects", project(name, gpus, command))
        job = self.request("POST", f"/projects/{name}/tasks/train/jobs", {})
        return until(f"{name} is {until_state}", lambda: self._in_state(job, until_state))

    def _in_state(self, job, state):
        now = self.request("GET", f"/jobs/{job['id']}")
        return now if now["state"] == state else None


@pytest.fixture
def lab(make_server):
    """A server where ana is in research (3 A100) and bo in vision (2 T4)."""
    server = make_server(config=GPUS).start()
    server.cli("pool", "create", "research", "--gpus", "3", "--model", "A100")
    server.cli("pool", "create", "vision", "--gpus", "2", "--model", "T4")
    server.cli("group", "create", "research", "--pool", "research")
    server.cli("group", "create", "vision", "--pool", "vision")
    return server


def items(answer):
    return [item["name"] for item in answer["items"]]


def test_two_people_of_different_groups_never_meet_each_others_things(lab):
    ana, bo = Person(lab, "ana", "research"), Person(lab, "bo", "vision")
    heard = []

    def listen():
        request = urllib.request.Request(f"http://{lab.address}/api/v1/changes")
        request.add_header("Authorization", "Bearer " + bo.token)
        request.add_header("Accept", "text/event-stream")
        try:
            with urllib.request.urlopen(request, timeout=60) as stream:
                for line in stream:
                    heard.append(line.decode())
        except OSError:
            pass

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    secret = ana.run("secret", gpus=2, command="echo hidden words; sleep 1000")
    own = bo.run("own", gpus=1, command="sleep 1000")
    until("bo hears of his own job", lambda: any(own["id"] in line for line in heard))

    # By list and by search.
    assert items(bo.request("GET", "/jobs")) == ["own/train:1"]
    assert items(bo.request("GET", "/jobs?text=secret")) == []
    assert items(bo.request("GET", "/projects?show=all")) == ["own"]
    assert bo.request("GET", "/projects?text=secret")["items"] == []
    assert all(entry["job_name"] == "own/train:1" for entry in bo.request("GET", "/history")["items"])
    assert items(bo.request("GET", "/users")) == ["bo"]
    assert items(bo.request("GET", "/groups")) == ["vision"]
    assert items(bo.request("GET", "/pools")) == ["vision"]
    assert bo.refused("GET", "/jobs?show=everyone") == 403
    # By id and by name.
    by_id = (f"/jobs/{secret['id']}", f"/jobs/{secret['id']}/logs", f"/jobs/{secret['id']}/logs/worker-0",
             f"/projects/{secret['project_id']}")
    by_name = ("/projects/secret", "/projects/research:secret", "/jobs/secret%2Ftrain:1", "/users/ana",
               "/groups/research", "/pools/research")
    for path in by_id + by_name:
        assert bo.refused("GET", path) == 404, path
    assert bo.refused("POST", f"/jobs/{secret['id']}/stop") == 404
    assert bo.refused("POST", f"/jobs/{secret['id']}/clone") == 404
    # By event stream.
    assert not any(secret["id"] in line or secret["project_id"] in line for line in heard)
    # By the machines, whose GPUs are in use by somebody.
    devices = {device["uuid"]: device for device in bo.request("GET", "/devices")["items"]}
    busy = [device for device in devices.values() if device["in_use"]]
    assert len(busy) == 3
    assert sorted(device["job_name"] or "" for device in busy) == ["", "", "own/train:1"]
    assert {device["pool"] for device in busy} == {"another group", "vision"}
    everything = json.dumps([bo.request("GET", path) for path in ("/nodes", "/devices", "/server", "/capability")])
    assert "secret" not in everything and "research" not in everything
    assert bo.request("GET", "/capability")["text"] == "1 of 2 free in your pool"
    assert "ana" not in bo.cli("user", "list").stdout
    assert bo.cli("user", "show", "ana").returncode == 3
    assert bo.cli("user", "onboard", "eve").returncode == 5
    assert bo.cli("audit").returncode == 5

    # The same the other way round, while the operator knows of both.
    assert items(ana.request("GET", "/jobs")) == ["secret/train:1"]
    assert ana.refused("GET", f"/jobs/{own['id']}") == 404
    assert sorted(items(lab.request("GET", "/jobs?show=everyone"))) == ["own/train:1", "secret/train:1"]
    shown = lab.cli("pool", "show", "research")
    assert "2 of 3 A100 in use, 1 free" in shown and "secret/train:1" in shown


def test_group_mates_see_each_others_work_and_leave_it_alone(lab):
    ana, abe = Person(lab, "ana", "research"), Person(lab, "abe", "research")
    job = ana.run("shared", gpus=1, command="sleep 1000")
    assert items(abe.request("GET", "/jobs?show=shared")) == ["shared/train:1"]
    assert abe.request("GET", "/jobs?show=owned")["items"] == []
    assert abe.refused("POST", f"/jobs/{job['id']}/stop") == 403
    assert abe.refused("DELETE", "/projects/shared") == 403
    clone = abe.request("POST", f"/jobs/{job['id']}/clone", {})
    until("the clone is abe's", lambda: abe.request("GET", f"/jobs/{clone['id']}")["owner"] == "abe")
    until("both use GPUs", lambda: [m["gpus"] for m in lab.request("GET", "/groups/research")["members"]] == [1, 1])


def test_what_a_moved_user_has_goes_along(lab):
    ana, bo = Person(lab, "ana", "research"), Person(lab, "bo", "vision")
    done = ana.run("digits", until_state="Complete")
    lab.cli("user", "move", "ana", "vision")
    assert items(ana.request("GET", "/projects")) == ["digits"]
    assert bo.request("GET", f"/jobs/{done['id']}")["state"] == "Complete"
    assert items(bo.request("GET", "/users")) == ["ana", "bo"]
    job = ana.request("POST", "/projects/digits/tasks/train/jobs", {})
    until("it runs in the new group", lambda: ana.request("GET", f"/jobs/{job['id']}")["state"] == "Complete")
    assert ana.request("GET", "/capability")["pool"]["name"] == "vision"


def test_a_group_is_deleted_and_its_people_and_gpus_stay(lab):
    ana = Person(lab, "ana", "research")
    job = ana.run("digits", gpus=1, command="sleep 1000")
    refused = lab.cli("group", "delete", "research", "--yes", check=False)
    assert refused.returncode == 4
    assert "jobs of the group research are running (digits/train:1 is one); stop them or wait for their end" in refused.stderr
    refused = lab.cli("pool", "delete", "research", "--yes", check=False)
    assert refused.returncode == 4 and "the pool research belongs to the group research" in refused.stderr
    ana.request("POST", f"/jobs/{job['id']}/stop")
    until("it has stopped", lambda: ana.request("GET", f"/jobs/{job['id']}")["state"] == "Stopped")
    lab.cli("group", "delete", "research", "--yes")
    lab.cli("pool", "delete", "research", "--yes")
    assert ana.request("GET", "/groups")["items"][0]["name"] == "Default Group"
    assert items(ana.request("GET", "/projects")) == ["digits"]
    pools = lab.request("GET", "/pools")["items"]
    assert {pool["name"]: pool["total"] for pool in pools} == {"Default Pool": 4, "vision": 2}


def test_off_boarding_stops_by_force_and_lets_nobody_in(lab):
    ana = Person(lab, "ana", "research")
    job = ana.run("digits", gpus=1, command="sleep 1000")
    refused = lab.cli("user", "offboard", "ana", "--yes", check=False)
    assert refused.returncode == 4 and "ana has 1 job that did not end" in refused.stderr
    lab.cli("user", "offboard", "ana", "--force", "--yes")
    assert ana.refused("GET", "/session") == 401
    until("her job has stopped", lambda: lab.request("GET", f"/jobs/{job['id']}")["state"] == "Stopped")
    assert "ana" not in lab.cli("user", "list")
    assert "offboarded" in lab.cli("user", "list", "--offboarded")
    said = lab.cli("audit", "--subject", "ana", "--action", "user.")
    assert "user.offboard" in said and "user.onboard" in said
    last = lab.cli("user", "demote", lab.request("GET", "/users")["items"][0]["name"], check=False)
    assert last.returncode == 4 and "is the last operator; promote somebody else first" in last.stderr
