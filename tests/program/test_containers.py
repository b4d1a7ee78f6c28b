"""Jobs in containers: the real binary and a real podman of its own, driven as a user would drive it."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import venv

import pytest

from conftest import CACHE, ROOT, Failed, one_task, until
from test_gateway import enable, visit, with_tool
from test_metrics import metric, samples

sys.path.insert(0, str(ROOT / "tests/containers"))
import podman_service  # noqa: E402
import registry as registries  # noqa: E402

IMAGE = podman_service.IMAGE


class ContainerService:
    """A podman or Docker of the tests' own, with its own containers and networks."""

    def __init__(self, program, folder, **environment):
        self.program = ROOT / "tests/containers" / program
        self.folder = str(folder)
        self.environment = {**os.environ, **environment}
        self.start()

    def start(self):
        done = self.script("start")
        if done.returncode == 77:
            pytest.skip(done.stdout.strip())
        assert done.returncode == 0, done.stderr
        self.socket = done.stdout.strip()

    def script(self, *words):
        return subprocess.run(["/usr/bin/python3", self.program, words[0], self.folder, *words[1:]],
                              capture_output=True, text=True, timeout=120, env=self.environment)

    def run(self, *words):
        done = self.script("run", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    def names(self):
        return self.run("ps", "--all", "--format", "{{.Names}}")

    def networks(self):
        return [name for name in self.run("network", "ls", "--format", "{{.Name}}") if name not in ("podman", "bridge", "host", "none")]

    def nothing_is_left(self):
        until("no container is left", lambda: not self.names())
        until("no network is left", lambda: not self.networks())
        assert not self.run("volume", "ls", "-q")


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    if not shutil.which("podman"):
        pytest.skip("podman is not installed")
    podman_service.prepare_image()
    folder = tmp_path_factory.mktemp("registry")
    podman_service.save_image(IMAGE, folder)
    made = registries.Registry(folder)
    (folder / "registries.conf").write_text(f'[[registry]]\nlocation = "{made.name}"\ninsecure = true\n')
    made.settings = folder / "registries.conf"
    yield made
    made.close()


@pytest.fixture(scope="module")
def podman(tmp_path_factory, registry):
    folder = tmp_path_factory.mktemp("podman")
    made = ContainerService("podman_service.py", folder, CONTAINERS_REGISTRIES_CONF=str(registry.settings))
    yield made
    made.script("stop")
    shutil.rmtree(folder, ignore_errors=True)


def server_with(make_server, service):
    made = make_server("data", f"containers: {{socket: {service.socket}}}").start()
    yield made
    if made.process.poll() is None:
        for job in made.request("GET", "/jobs?live=true&limit=1000")["items"]:
            made.request("POST", f"/jobs/{job['id']}/stop")
        service.nothing_is_left()


@pytest.fixture
def contained(make_server, podman):
    yield from server_with(make_server, podman)


def in_image(command, name="p", **resource):
    return one_task(command, name, **{"images": {"cpu": IMAGE}, **resource})


def told(server, job):
    return [event["message"] for event in server.request("GET", f"/events?job={job['id']}&limit=100")["items"]]


def test_a_job_with_an_image_runs_in_a_container_with_its_log_and_exit(contained):
    contained.create(in_image("echo from $(cat /etc/hostname); echo $PINTLE_JOB; exit 3"))
    job = contained.run("p", "t")
    assert job["state"] == "Error"
    assert job["engine"] == "container"
    assert contained.log_of(job, "r-0") == "from t-r-1-0\np/t:1\n"
    assert "exit code 3" in job["reason"]


def test_a_component_in_a_container_is_reached_through_the_server(contained):
    contained.create(with_tool(images={"cpu": IMAGE}))
    enable(contained, "tool")
    visitor = visit(contained, "tool")
    assert visitor.get("/a?b=c")[2].decode().startswith(f"{visitor.prefix}/a?b=c\n")
    assert visitor.socket("/ws").status == 101
    contained.request("POST", "/projects/p/components/tool/restart", {})
    until("it answers again", lambda: visitor.get("/b")[0] == 200)
    contained.request("POST", "/projects/p/components/tool/disable", {})


def test_an_image_is_never_run_on_the_host_instead(make_server, folder):
    server = make_server("data", f"containers: {{socket: {folder}/nothing.sock}}").start()
    server.create(in_image("true"))
    with pytest.raises(Failed) as refused:
        server.submit("p", "t")
    assert IMAGE in refused.value.text
    assert "no container can be run here" in refused.value.text
    assert "--engine process" in refused.value.text
    findings = {each["subject"]: each for each in server.request("GET", "/doctor")["findings"]}
    assert findings["containers"]["level"] == "missing"
    assert server.run("p", "t", engine="process")["state"] == "Complete"


def test_the_doctor_says_what_runs_containers(contained):
    findings = {each["subject"]: each["message"] for each in contained.request("GET", "/doctor")["findings"]}
    assert "podman 4" in findings["containers"]
    assert "runc" in findings["container runtime"]
    assert "container limits" in findings


TALK = """
import os, socket, sys
me, peers = int(os.environ["REPLICA_INDEX"]), os.environ["R_NODES"].split(",")
kind = socket.SOCK_STREAM if sys.argv[1] == "tcp" else socket.SOCK_DGRAM
own = socket.socket(socket.AF_INET, kind)
own.bind(("0.0.0.0", 5000))
own.settimeout(60)
if sys.argv[1] == "tcp":
    own.listen()
    if me == 0:
        there, _ = own.accept()
        print(there.recv(100).decode())
        there.sendall(b"hello worker")
    else:
        for attempt in range(600):
            try:
                there = socket.create_connection((peers[0], 5000), 5)
                break
            except OSError:
                import time; time.sleep(0.1)
        there.sendall(b"hello chief")
        print(there.recv(100).decode())
else:
    import threading, time
    stop = threading.Event()
    def say():
        while not stop.is_set():
            own.sendto(f"from {me}".encode(), (peers[1 - me], 5000))
            time.sleep(0.05)
    threading.Thread(target=say, daemon=True).start()
    heard = own.recv(100).decode()
    for again in range(20):
        own.sendto(f"from {me}".encode(), (peers[1 - me], 5000))
    print(heard)
"""


@pytest.mark.parametrize("way,said", [("tcp", ("hello chief", "hello worker")), ("udp", ("from 1", "from 0"))])
def test_replicas_reach_each_other_by_name(contained, way, said):
    contained.create(in_image(f"python -c \"$TALK\" {way}", replicas=2, env={"TALK": TALK}))
    job = contained.run("p", "t")
    logs = [contained.log_of(job, f"r-{index}").strip() for index in (0, 1)]
    assert job["state"] == "Complete", logs
    assert logs == list(said)


def test_a_job_reaches_the_server_and_nobody_elses_network(contained, podman):
    ask = ("import os, urllib.request as r; "
           "q = r.Request(os.environ['PINTLE_URL'] + '/api/v1/jobs/' + os.environ['PINTLE_JOB_ID'], "
           "headers={'Authorization': 'Bearer ' + os.environ['PINTLE_TOKEN']}); print(r.urlopen(q, timeout=20).status)")
    contained.create(in_image("python -c \"$ASK\"", env={"ASK": ask}))
    job = contained.run("p", "t")
    assert contained.log_of(job, "r-0").strip() == "200"


def test_sources_are_mounted_at_their_paths_and_read_only_where_so_said(contained):
    contained.create(json.dumps({
        "name": "p", "sources": [{"name": "data", "mount_path": "/workspace/data", "cluster_storage": "default"}],
        "tasks": [{"name": "t", "resources": [
            {"name": "w", "images": {"cpu": IMAGE}, "work_dir": "$DATA_DIR", "command": "pwd; echo kept > file"}]},
            {"name": "look", "resources": [
                {"name": "r", "images": {"cpu": IMAGE}, "default_volume_mapping": False,
                 "volumes": [{"source": "data", "mount_path": "/elsewhere", "read_only": True}],
                 "command": "cat /elsewhere/file; echo x > /elsewhere/file || echo refused"}]}]}))
    job = contained.run("p", "t")
    assert contained.log_of(job, "w-0") == "/workspace/data\n"
    job = contained.run("p", "look")
    assert contained.log_of(job, "r-0").splitlines()[0] == "kept"
    assert contained.log_of(job, "r-0").splitlines()[-1] == "refused"


def test_a_replica_that_uses_up_its_memory_is_told_of_in_words(contained):
    contained.create(in_image("python -c 'x = bytearray(400 << 20); print(len(x))'", limits={"memory": "64Mi"}))
    job = contained.run("p", "t")
    assert job["state"] == "Error"
    assert "r-0 was ended by the kernel for memory: it used all of its limit of 64Mi" in job["reason"]


def test_a_stop_gives_the_program_its_grace(contained):
    contained.create(in_image("trap 'echo saving; exit 0' TERM; echo ready; while true; do sleep 0.1; done"))
    job = contained.submit("p", "t")
    until("it is ready", lambda: contained.job(job)["state"] == "Running" and "ready" in contained.log_of(job, "r-0"))
    contained.request("POST", f"/jobs/{job['id']}/stop")
    assert contained.wait(job)["state"] == "Stopped"
    # The shell may say of its own child that TERM ended it.
    assert contained.log_of(job, "r-0").replace("Terminated\n", "") == "ready\nsaving\n"


COUNTING = "for i in $(seq 1 100); do echo line $i; sleep 0.05; done"
COUNTED = "".join(f"line {i}\n" for i in range(1, 101))


def test_a_job_survives_the_death_of_the_server_without_a_gap_in_its_log(contained, podman):
    contained.create(in_image(COUNTING))
    job = contained.submit("p", "t")
    until("it speaks", lambda: contained.job(job)["state"] == "Running" and "line 5\n" in contained.log_of(job, "r-0"))
    contained.restart()
    assert contained.wait(job)["state"] == "Complete"
    assert contained.log_of(job, "r-0") == COUNTED


def test_a_job_that_ends_while_there_is_no_server_is_found_ended(contained, podman):
    contained.create(in_image("echo a; sleep 1; echo b; exit 4"))
    job = contained.submit("p", "t")
    until("it runs", lambda: contained.job(job)["state"] == "Running")
    contained.kill()
    until("its container has ended", lambda: not podman.run("ps", "--format", "{{.Names}}"))
    contained.start()
    ended = contained.wait(job)
    assert ended["state"] == "Error"
    assert "exit code 4" in ended["reason"]
    assert contained.log_of(job, "r-0") == "a\nb\n"


def test_a_job_survives_the_death_of_the_container_service(contained, podman):
    contained.create(in_image(COUNTING))
    job = contained.submit("p", "t")
    until("it speaks", lambda: contained.job(job)["state"] == "Running" and "line 5\n" in contained.log_of(job, "r-0"))
    podman.script("kill")
    time.sleep(1)
    podman.start()
    assert contained.wait(job)["state"] == "Complete"
    assert contained.log_of(job, "r-0") == COUNTED


def test_what_a_crash_left_behind_is_removed(contained, podman):
    contained.create(in_image("sleep 1000"))
    job = contained.submit("p", "t")
    until("it runs", lambda: contained.job(job)["state"] == "Running")
    contained.kill()
    # As if its record had been lost.
    shutil.rmtree(next((contained.data / "containers/attempts").iterdir()))
    contained.start()
    podman.nothing_is_left()
    assert contained.wait(job)["state"] in ("Error", "Complete")


def test_somebody_who_removes_the_container_ends_the_job(contained, podman):
    contained.create(in_image("sleep 1000"))
    job = contained.submit("p", "t")
    until("it runs", lambda: contained.job(job)["state"] == "Running")
    podman.run("rm", "--force", "--time", "0", *podman.names())
    ended = contained.wait(job)
    assert ended["state"] == "Error"
    # Whoever removes a container kills its program first; which of the two is seen first is a matter of moments.
    assert "the container of r-0 was removed by somebody else" in ended["reason"] or "which nobody asked Pintle for" in ended["reason"]


def run_image(server, image):
    server.create(in_image("echo pulled", images={"cpu": image}))
    return server.run("p", "t")


def test_an_image_is_pulled_when_it_is_missing_and_the_events_tell_of_it(contained, podman, registry):
    job = run_image(contained, f"{registry.name}/open/test")
    assert job["state"] == "Complete", job["reason"]
    assert contained.log_of(job, "r-0") == "pulled\n"
    assert any(f"Pulled the image {registry.name}/open/test in" in message for message in told(contained, job))
    asked = len(registry.asked)
    assert contained.run("p", "t")["state"] == "Complete"
    assert len(registry.asked) == asked, "an image that is there is not asked for"


@pytest.mark.parametrize("name,words", [
    ("open/none", "does not exist in"),
    ("private/test", "it does not exist, or needs an account of the kind registry that may read it"),
    ("open/arm", "is for arm64, and this machine is amd64"),
])
def test_an_image_that_cannot_be_had_ends_the_job_at_once_in_words(contained, registry, name, words):
    job = run_image(contained, f"{registry.name}/{name}")
    assert job["state"] == "Error"
    assert f"{registry.name}/{name}" in job["reason"]
    assert words in job["reason"]


def test_a_private_image_is_pulled_with_the_account_of_the_jobs_owner(contained, podman, registry):
    secret = contained.data.parent / "secret"
    secret.write_text(registries.PASSWORD)
    contained.cli("account", "create", "images", "--kind", "registry", "--server", registry.name, "--user", registries.USER,
                  "--secret-file", secret)
    job = run_image(contained, f"{registry.name}/private/test")
    assert job["state"] == "Complete", job["reason"]
    assert registries.PASSWORD not in json.dumps(told(contained, job)) + (contained.data / "server.log").read_text()


def test_a_registry_that_comes_back_in_time_lets_the_job_go_on(contained, registry):
    registry.down = True
    contained.create(in_image("true", images={"cpu": f"{registry.name}/open/test:later"}))
    job = contained.submit("p", "t")
    until("it is tried again", lambda: "tried again" in (contained.request("GET", f"/jobs/{job['id']}")["reason"] or ""))
    registry.down = False
    assert contained.wait(job)["state"] == "Complete"


def digits_image():
    """The test image with what the example's requirements.txt names, from the environment that its own tests use."""
    requirements = ROOT / "examples/digits/src/requirements.txt"
    name = podman_service.digest(requirements.read_bytes() + sys.version.encode())
    folder = CACHE / f"digits-container-{name}"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin/python", "-m", "pip", "install", "-q", "-r", requirements], check=True)
        (folder / "ready").touch()
    packages = next(folder.glob("lib/python3*/site-packages"))
    return podman_service.prepare_image(str(packages))


def test_the_digits_example_runs_unchanged_in_containers(make_server, podman):
    image = digits_image()
    server = make_server("data", f"containers: {{socket: {podman.socket}, image: '{image}'}}").start()
    server.cli("project", "create", "-f", ROOT / "examples/digits/pintle.yaml")
    server.request("PATCH", "/projects/digits", {"engine": "container"})
    job = server.wait(server.submit("digits", "workflow"), seconds=400)
    log = server.log_of(job, "tasks-0")
    assert job["state"] == "Complete", log
    jobs = [server.request("GET", f"/jobs/{each['id']}") for each in server.request("GET", "/jobs?limit=100")["items"]]
    podman.nothing_is_left()
    assert sorted(each["name"] for each in jobs if each["engine"] == "container" and each["state"] == "Complete") == sorted(
        each["name"] for each in jobs)
    assert len(jobs) == 5
    assert job["properties"]["accuracy"] >= 0.95
    podman.nothing_is_left()


def test_a_registry_that_is_away_is_tried_again_until_the_timeout_and_the_job_says_so(contained):
    contained.create(json.dumps({"name": "p", "tasks": [{"name": "t", "timeout": "5s", "resources": [
        {"name": "r", "command": "true", "images": {"cpu": "127.0.0.1:9/team/none"}}]}]}))
    job = contained.submit("p", "t")
    ended = contained.wait(job)
    assert ended["state"] == "Error"
    assert "127.0.0.1:9/team/none could not be pulled from 127.0.0.1:9" in ended["reason"]
    assert any("could not be pulled from 127.0.0.1:9" in message for message in told(contained, job))


def test_all_of_a_failed_replica_goes_and_it_is_started_again(contained):
    contained.create(in_image("echo try; exit 1", max_restart_count=1))
    job = contained.run("p", "t")
    assert job["state"] == "Error"
    assert contained.log_of(job, "r-0") == "try\ntry\n"


def test_a_container_is_measured_and_what_its_program_reports_is_kept(contained):
    contained.create(in_image("end=$(($(date +%s) + 4)); while [ $(date +%s) -lt $end ]; do :; done; ls ${PYTHONPATH##*:}/pintle.py; "
                              "echo '{\"loss\": 0.5, \"step\": 3}' >> $PINTLE_METRICS_FILE; echo accuracy=0.75"))
    job = contained.wait(contained.submit("p", "t", set={"sample_interval": "1s"}))
    assert job["state"] == "Complete", contained.log_of(job, "r-0")
    loss = samples(contained, job, "loss")
    assert loss["mean"] == [0.5] and loss["step"] == [3]
    assert samples(contained, job, "accuracy")["mean"] == [0.75]
    assert max(samples(contained, job, "cpu_percent", 2)["max"]) > 10
    assert max(samples(contained, job, "memory_mb")["max"]) < 200
    assert metric(contained, job, "network_receive_bytes_per_s")
