"""Whole-program tests: the real binary, real processes, real git, driven as a user would drive it."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("PINTLE", str(ROOT / "build/release/pintle"))
# Environments of Python packages are shared between tests and runs; everything else is new for each test.
CACHE = pathlib.Path(os.environ.get("PINTLE_TEST_CACHE", pathlib.Path.home() / ".cache/pintle-tests"))


class Failed(Exception):
    """A command or request that did not succeed."""

    def __init__(self, code, text):
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


PATIENCE = 120  # Seconds. No test that passes waits for them; a busy machine may need many.


def until(what, probe, seconds=PATIENCE, pause=0.02):
    """Waits until probe() gives something true and returns it; a failure says what."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = probe()
        if value:
            return value
        time.sleep(pause)
    raise AssertionError(f"not within {seconds} s: {what}")


class Server:
    """One server on a data folder of its own, and a client for it."""

    def __init__(self, data, config=None, environment=None):
        self.data = pathlib.Path(data)
        self.config = config
        self.environment = environment or {}
        self.process = None
        self.address = None

    def env(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PINTLE_")}
        return {**kept, "PINTLE_DATA": str(self.data), "NO_COLOR": "1", **self.environment}

    def start(self):
        self.data.mkdir(parents=True, exist_ok=True)
        cache = self.data / "cache"
        if not cache.exists():
            CACHE.mkdir(parents=True, exist_ok=True)
            cache.symlink_to(CACHE)
        words = [BINARY, "serve", "--data", str(self.data), "--listen", self.address or "127.0.0.1:0"]
        if self.config:
            path = self.data / "config.yaml"
            path.write_text(self.config)
            words += ["--config", str(path)]
        self.log = open(self.data / "server.log", "ab")
        self.process = subprocess.Popen(words, stdout=self.log, stderr=self.log, env=self.env())
        self.address = until("the server answers", self._ready)
        return self

    def _ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}:\n" + (self.data / "server.log").read_text()[-3000:])
        try:
            known = json.loads((self.data / "server.json").read_text())
        except (OSError, ValueError):
            return None
        return known["address"] if known["pid"] == self.process.pid else None

    def kill(self):
        """kill -9, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)

    def restart(self):
        self.kill()
        return self.start()

    @property
    def token(self):
        return (self.data / "token").read_text().strip()

    def request(self, method, path, body=None, headers=None, token=None, raw=False):
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{self.address}/api/v1{path}", data=data, method=method)
        request.add_header("Authorization", "Bearer " + (token or self.token))
        if body is not None:
            request.add_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            raise Failed(error.code, error.read().decode(errors="replace")) from None
        return content if raw else json.loads(content)

    def cli(self, *words, check=True, stdin=None, cwd=None):
        """Runs the command line and returns its standard output; a failure raises Failed with its standard error."""
        done = subprocess.run([BINARY, *map(str, words)], env=self.env(), capture_output=True, text=True, input=stdin, timeout=300, cwd=cwd)
        if check and done.returncode != 0:
            raise Failed(done.returncode, done.stderr + done.stdout)
        return done.stdout if check else done

    def create(self, text):
        """Creates a project from the text of its document."""
        path = self.data / "project.yaml"
        path.write_text(text)
        return self.cli("project", "create", "-f", path)

    def submit(self, project, task, **body):
        return self.request("POST", f"/projects/{project}/tasks/{task}/jobs", body)

    def job(self, job):
        return self.request("GET", f"/jobs/{job['id']}")

    def wait(self, job, states=("Complete", "Error", "Stopped"), seconds=PATIENCE):
        def probe():
            now = self.job(job)
            return now if now["state"] in states else None

        return until(f"{job['name']} is {' or '.join(states)}", probe, seconds)

    def run(self, project, task, **body):
        return self.wait(self.submit(project, task, **body))

    def log_of(self, job, replica):
        return self.request("GET", f"/jobs/{job['id']}/logs/{replica}?download=1", raw=True).decode(errors="replace")


def one_task(command, name="p", **resource):
    """The document of a project with one task `t` of one resource `r`."""
    return json.dumps({"name": name, "tasks": [{"name": "t", "resources": [{"name": "r", "command": command, **resource}]}]})


@pytest.fixture
def folder():
    path = tempfile.mkdtemp(prefix="pintle-program-")
    yield pathlib.Path(path)
    # The process engine's folder of root's servers lies in memory.
    for link in [*pathlib.Path(path).glob("*/run"), *pathlib.Path(path).glob("*/*/run")]:
        if link.is_symlink():
            shutil.rmtree(link.resolve(), ignore_errors=True)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def server(folder):
    made = Server(folder / "data").start()
    yield made
    stop_everything(made)


@pytest.fixture
def make_server(folder):
    """For tests that need a configuration or more than one server."""
    made = []

    def make(name="data", config=None, **environment):
        made.append(Server(folder / name, config, environment))
        return made[-1]

    yield make
    for server in made:
        stop_everything(server)


def stop_everything(server):
    """Ends what still runs of a test: its jobs, then its server."""
    if server.process is None:
        return
    if server.process.poll() is None:
        try:
            for job in server.request("GET", "/jobs?live=true&limit=1000")["items"]:
                server.request("POST", f"/jobs/{job['id']}/stop")
            until("no job runs", lambda: not server.request("GET", "/jobs?live=true")["items"])
        except (Failed, AssertionError, OSError):
            pass
        server.stop()
