"""The digits example, run for real: its programs as processes, its parameter server and workers over TCP."""

import fcntl
import hashlib
import http.server
import itertools
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import urllib.parse
import venv
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "digits"
SRC = EXAMPLE / "src"
LIMIT_S = 60
SHORT = ["--epochs", "6", "--copies", "8"]


@pytest.fixture(scope="session")
def python():
    """A Python with the example's requirements, kept between test runs."""
    requirements = (SRC / "requirements.txt").read_bytes()
    name = f"digits-{hashlib.sha256(requirements).hexdigest()[:12]}-{sys.version_info.major}.{sys.version_info.minor}"
    cache = Path(os.environ.get("PINTLE_TEST_CACHE") or Path.home() / ".cache" / "pintle-tests")
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / name
    with open(cache / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True)
            subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "-q", "-r", SRC / "requirements.txt"],
                           check=True)
            (folder / "ready").touch()
    return str(folder / "bin" / "python")


class Place:
    """One job's surroundings: the folders it sees and the variables it is given."""

    def __init__(self, python, data, training):
        self.python = python
        self.data = data
        self.training = training

    def environment(self, **variables):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PINTLE_")}
        kept.update(DATA_DIR=str(self.data), TRAINING_DIR=str(self.training), BUILD_ID="1", OMP_NUM_THREADS="1",
                    PYTHONDONTWRITEBYTECODE="1", TASK_NAME="by-test")
        kept.update(variables)
        return kept

    def start(self, program, *arguments, **variables):
        return Program([self.python, str(SRC / program), *map(str, arguments)], self.environment(**variables))

    def run(self, program, *arguments, **variables):
        return self.start(program, *arguments, **variables).finish()

    def model(self, build=1):
        return json.loads((self.training / str(build) / "model.json").read_text())


class Program:
    """A running program whose output is read while it runs."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(command, env=environment, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.output = self.errors = ""
        self.status = None
        self.news = threading.Condition()
        self.readers = [threading.Thread(target=self.read, args=(name, pipe), daemon=True)
                        for name, pipe in (("output", self.process.stdout), ("errors", self.process.stderr))]
        for reader in self.readers:
            reader.start()

    def read(self, name, pipe):
        with pipe:
            for line in pipe:
                with self.news:
                    setattr(self, name, getattr(self, name) + line)
                    self.news.notify_all()
        with self.news:
            self.news.notify_all()

    def wait_for(self, pattern):
        def found():
            return re.search(pattern, self.output)

        with self.news:
            self.news.wait_for(lambda: found() or not any(reader.is_alive() for reader in self.readers), LIMIT_S)
            assert found(), f"never said {pattern}\n{self.output}\n{self.errors}"

    def finish(self):
        """Waits for the end; returns itself with status, output and errors."""
        try:
            self.status = self.process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            pytest.fail(f"did not end within {LIMIT_S} s\n{self.output}\n{self.errors}")
        for reader in self.readers:
            reader.join()
        return self

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.finish()

    def kill(self):
        self.process.kill()
        self.process.wait()
        for reader in self.readers:
            reader.join()


def fails_with(ended, *words):
    assert ended.status == 1, ended.errors
    assert "Traceback" not in ended.errors
    for word in words:
        assert word in ended.errors
    return True


@pytest.fixture(scope="session")
def prepared(python, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    ended = Place(python, folder, folder).run("prepare_data.py")
    assert ended.status == 0, ended.errors
    return folder, ended.output


@pytest.fixture
def place(python, prepared, tmp_path):
    return Place(python, prepared[0], tmp_path)


@pytest.fixture(scope="session")
def trained(python, prepared, tmp_path_factory):
    """A place with a model of build 1, trained once for all tests; they copy it before they change anything."""
    place = Place(python, prepared[0], tmp_path_factory.mktemp("training"))
    ended = place.run("train.py", *SHORT)
    assert ended.status == 0, ended.errors
    return place, ended.output


@pytest.fixture
def with_model(trained, tmp_path):
    place = trained[0]
    shutil.copytree(place.training, tmp_path / "training")
    return Place(place.python, place.data, tmp_path / "training")


# Preparing.


def test_preparing_twice_gives_the_same_files_and_names_their_checksums(python, prepared, tmp_path):
    folder, output = prepared
    again = Place(python, tmp_path, tmp_path).run("prepare_data.py")
    assert again.status == 0
    counts = []
    for name in ("train", "validation", "test"):
        content = (folder / f"{name}.npz").read_bytes()
        assert content == (tmp_path / f"{name}.npz").read_bytes()
        line = next(line for line in output.splitlines() if f"{name}.npz" in line)
        assert f"sha256={hashlib.sha256(content).hexdigest()}" in line
        counts.append(int(re.search(r"images=(\d+)", line)[1]))
    assert sum(counts) == 1797
    assert min(counts) > 300


def test_the_parts_share_no_image_rows(python, prepared):
    code = ("import sys; sys.path.insert(0, sys.argv[1]); import numpy as np; from prepare_data import split;"
            "from sklearn.datasets import load_digits;"
            "rows = np.concatenate(list(split(load_digits().target, 7).values()));"
            "assert sorted(rows) == list(range(1797))")
    subprocess.run([python, "-B", "-c", code, str(SRC)], check=True, timeout=LIMIT_S)


# Standalone training.


def test_standalone_reaches_the_target_and_shows_each_epoch(trained):
    place, output = trained
    epochs = re.findall(r"^epoch=(\d+) loss=(\d+\.\d+) accuracy=(\d+\.\d+)$", output, re.MULTILINE)
    assert [int(epoch) for epoch, _, _ in epochs] == list(range(1, 7))
    assert float(epochs[-1][1]) < float(epochs[0][1]) / 2
    model = place.model()
    assert model["accuracy"] >= 0.95
    assert model["reached_target"] is True
    assert model["classes"] == list(range(10))
    assert model["shapes"][0] == [64, 256]
    content = (place.training / "1" / "model.npz").read_bytes()
    assert model["sha256"] == hashlib.sha256(content).hexdigest()


def test_training_without_data_says_which_task_to_run(python, tmp_path):
    place = Place(python, tmp_path, tmp_path)
    assert fails_with(place.run("train.py"), "the data is not prepared yet", "prepare-data")
    assert fails_with(place.run("parallel_train.py", REPLICA_INDEX="0", PS_NODES="127.0.0.1:9",
                                WORKER_NODES="127.0.0.1"), "the data is not prepared yet")


def test_training_on_damaged_data_is_refused(place, tmp_path):
    shutil.copytree(place.data, tmp_path / "damaged")
    place.data = tmp_path / "damaged"
    with open(place.data / "train.npz", "r+b") as file:
        file.seek(500)
        file.write(b"\0" * 8)
    assert fails_with(place.run("train.py"), "train.npz is damaged", "prepare-data")
    (place.data / "digits.json").write_text('{"parts": 3}')
    assert fails_with(place.run("train.py"), "digits.json is damaged")


def test_a_missing_or_wrong_variable_is_named(place):
    assert fails_with(place.run("train.py", BUILD_ID="../x"), "BUILD_ID", "whole number")
    assert fails_with(place.run("train.py", DATA_DIR=""), "DATA_DIR is not set")
    assert fails_with(place.run("train.py", TRAINING_DIR="/no/such/folder"), "TRAINING_DIR", "/no/such/folder")


def test_a_training_below_its_target_fails_and_is_not_exported_by_itself(with_model):
    ended = with_model.run("train.py", "--epochs", 1, "--copies", 1, "--target-accuracy", "0.999", BUILD_ID="2")
    assert fails_with(ended, "below the target 0.999")
    assert with_model.model(2)["reached_target"] is False
    exported = with_model.run("export.py")
    assert exported.status == 0, exported.errors
    assert "passing over build 2" in exported.output
    assert "exporting build 1" in exported.output


# Parallel training.


def free_address():
    """An address on the loopback network that is nobody else's: its own host part, and a port that is free there."""
    free_address.count = getattr(free_address, "count", 0) + 1
    host = f"127.{64 + os.getpid() % 128}.{os.getpid() // 128 % 250}.{free_address.count % 250 + 1}"
    with socket.socket() as probe:
        probe.bind((host, 0))
        return f"{host}:{probe.getsockname()[1]}"


class Cluster:
    """A parameter server and its workers."""

    def __init__(self, place, workers=2):
        self.place = place
        self.ps = free_address()
        self.workers = [free_address() for _ in range(workers)]
        self.started = []

    def start(self, program, index, *arguments, **variables):
        given = {"REPLICA_INDEX": str(index), "PS_NODES": self.ps, "WORKER_NODES": ",".join(self.workers)}
        started = self.place.start(program, *arguments, **{**given, **variables})
        self.started.append(started)
        return started

    def start_ps(self, *arguments):
        ps = self.start("parameter_server.py", 0, *arguments)
        ps.wait_for("listening on")
        return ps

    def start_worker(self, index, *arguments, **variables):
        return self.start("parallel_train.py", index, *(arguments or SHORT), **variables)

    def connect(self):
        host, port = self.ps.split(":")
        return socket.create_connection((host, int(port)), timeout=20)


@pytest.fixture
def cluster(place):
    clusters = []

    def make(**options):
        clusters.append(Cluster(place, **options))
        return clusters[-1]

    yield make
    for program in itertools.chain.from_iterable(cluster.started for cluster in clusters):
        program.kill()


class Relay:
    """Stands between a worker and the server. In the middle of the training it holds everything back, then cuts."""

    def __init__(self, target, hold_after_bytes=20_000_000):
        self.target = target.split(":")
        self.left = hold_after_bytes
        self.held, self.released = threading.Event(), threading.Event()
        host, port = free_address().split(":")
        self.socket = socket.create_server((host, int(port)))
        self.address = f"{host}:{port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                worker, _ = self.socket.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((self.target[0], int(self.target[1])))
            except OSError:
                worker.close()
                continue
            for source, sink, counts in ((worker, server, True), (server, worker, False)):
                threading.Thread(target=self.pump, args=(source, sink, counts), daemon=True).start()

    def pump(self, source, sink, counts):
        try:
            while content := source.recv(65536):
                if counts and not self.released.is_set():
                    self.left -= len(content)
                    if self.left <= 0:
                        self.held.set()
                        self.released.wait()
                        break
                sink.sendall(content)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def wait_until_held(self):
        assert self.held.wait(LIMIT_S), "the training never came this far"


@pytest.fixture
def relay():
    relays = []

    def make(cluster):
        relays.append(Relay(cluster.ps))
        return relays[-1]

    yield make
    for relay in relays:
        relay.released.set()
        relay.socket.close()


@pytest.fixture(scope="session")
def calm_model(python, prepared, tmp_path_factory):
    """The metadata of a model from a parallel training that nothing disturbed."""
    place = Place(python, prepared[0], tmp_path_factory.mktemp("parallel"))
    cluster = Cluster(place)
    try:
        # The workers first: they must wait for the server and for each other.
        workers = [cluster.start_worker(1), cluster.start_worker(0)]
        ps = cluster.start_ps()
        ended = [worker.finish() for worker in workers]
        assert [worker.status for worker in ended] == [0, 0], ended[0].errors + ended[1].errors
        assert ps.process.poll() is None, "the parameter server must not end by itself"
        served = ps.end()
    finally:
        for program in cluster.started:
            program.kill()
    assert served.status == 0
    assert re.search(r"served 2 workers, 804 steps, \d+ requests", served.output), served.output
    return place.model()


def test_workers_train_together_through_the_parameter_server(calm_model):
    assert calm_model["accuracy"] >= 0.95
    assert [share["worker"] for share in calm_model["shares"]] == [0, 1]
    assert all(share["images_seen"] == 804 * 32 for share in calm_model["shares"])


def test_a_worker_that_is_killed_and_restarted_changes_nothing_in_the_model(cluster, relay, place, calm_model):
    disturbed = cluster()
    between = relay(disturbed)
    ps = disturbed.start_ps()
    first, second = disturbed.start_worker(0), disturbed.start_worker(1, PS_NODES=between.address)
    between.wait_until_held()
    second.kill()
    again = disturbed.start_worker(1)
    ended = [first.finish(), again.finish()]
    assert [worker.status for worker in ended] == [0, 0], ended[0].errors + ended[1].errors
    assert "going on from step" in again.output
    assert ps.end().status == 0
    assert place.model()["sha256"] == calm_model["sha256"]


def test_a_connection_that_breaks_changes_nothing_in_the_model(cluster, relay, place, calm_model):
    disturbed = cluster()
    between = relay(disturbed)
    disturbed.start_ps()
    workers = [disturbed.start_worker(0), disturbed.start_worker(1, PS_NODES=between.address)]
    between.wait_until_held()
    between.released.set()
    ended = [worker.finish() for worker in workers]
    assert [worker.status for worker in ended] == [0, 0], ended[0].errors + ended[1].errors
    assert "1 reconnects" in ended[1].output
    assert place.model()["sha256"] == calm_model["sha256"]


def test_a_restarted_parameter_server_gets_its_parameters_back(cluster, relay, place):
    broken = cluster()
    between = relay(broken)
    ps = broken.start_ps()
    workers = [broken.start_worker(0), broken.start_worker(1, PS_NODES=between.address)]
    between.wait_until_held()
    ps.kill()
    ps = broken.start_ps()
    between.released.set()
    ended = [worker.finish() for worker in workers]
    assert [worker.status for worker in ended] == [0, 0], ended[0].errors + ended[1].errors
    assert "connecting again" in ended[0].output
    assert ended[0].output.count("epoch=1 ") == 1, "it goes on, it does not begin again"
    assert place.model()["accuracy"] >= 0.95
    assert ps.end().status == 0


def test_a_worker_names_the_parameter_server_it_cannot_reach(cluster):
    alone = cluster(workers=1)
    ended = alone.start_worker(0, *SHORT, "--connect-timeout", 0.5).finish()
    assert fails_with(ended, f"cannot reach the parameter server at {alone.ps} within 0.5 s")


def test_a_worker_names_the_worker_it_misses(cluster):
    half = cluster()
    ended = half.start_worker(0, *SHORT, "--connect-timeout", 0.5).finish()
    assert fails_with(ended, f"cannot reach worker 1 at {half.workers[1]} within 0.5 s")


def test_workers_with_other_settings_do_not_train_together(cluster):
    mixed = cluster()
    workers = [mixed.start_worker(0, "--seed", 1), mixed.start_worker(1, "--seed", 2)]
    ended = [worker.finish() for worker in workers]
    assert fails_with(ended[0], "worker 1 has other data or settings than worker 0")
    assert fails_with(ended[1], "other data or settings")


def test_a_worker_gives_up_on_a_server_that_hangs_up(cluster):
    lonely = cluster(workers=1)
    host, port = lonely.ps.split(":")
    with socket.create_server((host, int(port))) as server:
        def hang_up():
            while True:
                try:
                    server.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=hang_up, daemon=True).start()
        ended = lonely.start_worker(0, *SHORT, "--connect-timeout", 0.5).finish()
    assert fails_with(ended, f"the parameter server at {lonely.ps} closes every connection")


@pytest.mark.parametrize("variables, words", [
    ({"PS_NODES": "127.0.0.1:x"}, ("PS_NODES", "127.0.0.1:x")),
    ({"PS_NODES": ""}, ("PS_NODES is not set",)),
    ({"PS_NODES": "127.0.0.1:1,127.0.0.1:2"}, ("PS_NODES names 2 servers",)),
    ({"WORKER_NODES": "a:1,,b:2"}, ("WORKER_NODES", "''")),
    ({"REPLICA_INDEX": "4"}, ("REPLICA_INDEX is 4", "PS_NODES names only 1")),
    ({"PS_NODES": "192.0.2.1:2222"}, ("cannot listen on 192.0.2.1:2222",)),
])
def test_the_server_refuses_variables_it_cannot_use(place, variables, words):
    good = {"PS_NODES": "127.0.0.1:1", "WORKER_NODES": "127.0.0.1:2", "REPLICA_INDEX": "0"}
    assert fails_with(place.run("parameter_server.py", **{**good, **variables}), *words)


# The wire, spoken here by hand.

PULL, PUSH, INIT, PARAMETERS, EMPTY, ERROR = 1, 2, 3, 4, 5, 8
HEADER = struct.Struct("<4sBBHIQ")


def array(values, code="f", type_code=0):
    return struct.pack("<BBI", type_code, 1, len(values)) + struct.pack(f"<{len(values)}{code}", *values)


def frame(kind, worker=0, step=0, arrays=(), magic=b"DGT1", size=None):
    body = b"".join(arrays)
    return HEADER.pack(magic, kind, len(arrays), worker, step, len(body) if size is None else size) + body


def read_frame(connection):
    stream = connection.makefile("rb")
    _, kind, _, _, step, size = HEADER.unpack(stream.read(HEADER.size))
    return kind, step, stream.read(size)


def ask(cluster, *frames):
    """Sends frames on one connection; returns the last answer."""
    with cluster.connect() as connection:
        for content in frames:
            connection.sendall(content)
            answer = read_frame(connection)
        return answer


SETTINGS = array([0.5, 0.0, 0.0], "d", 1)


def test_the_server_refuses_wrong_frames_and_lives_on(cluster):
    target = cluster()
    ps = target.start_ps()
    wrong = [
        (frame(PULL, size=2**40), b"a frame of 1099511627776 bytes is refused"),
        (frame(PULL, size=8 * 1024 * 1024 + 1), b"the limit is 8388608"),
        (frame(PULL, magic=b"GET "), b"not a frame of the digits example"),
        (frame(77), b"kind 77 is not known"),
        (frame(PARAMETERS), b"does not take PARAMETERS"),
        (frame(PULL, worker=2), b"worker 2 is not one of the 2 workers"),
        (frame(INIT, arrays=[SETTINGS, b"\x00\x01\xff\xff\xff\xff"]), b"longer than its frame"),
        (frame(INIT, arrays=[SETTINGS, b"\x00\x09"]), b"not known here"),
        (frame(INIT, arrays=[SETTINGS, b"\x00"]), b"cut off"),
        (frame(INIT, arrays=[array([1.0]), array([1.0])]), b"after learning rate, momentum and decay"),
        (frame(INIT, arrays=[SETTINGS, array([float("nan")])]), b"finite"),
    ]
    for content, reason in wrong:
        kind, _, text = ask(target, content)
        assert kind == ERROR
        assert reason in text
    with target.connect() as connection:
        connection.sendall(frame(PULL)[:7])  # and goes away in the middle of a frame
    assert ask(target, frame(PULL))[0] == EMPTY
    assert "a frame of 1099511627776 bytes is refused" in ps.end().output


def test_a_step_is_taken_when_all_gradients_are_there_and_a_repeated_push_counts_once(cluster):
    target = cluster()
    target.start_ps()
    begin = frame(INIT, arrays=[SETTINGS, array([1.0, 2.0])])
    of_first, of_second = frame(PUSH, 0, 0, [array([1.0, 0.0])]), frame(PUSH, 1, 0, [array([3.0, 4.0])])
    with target.connect() as first:
        first.sendall(begin)
        assert read_frame(first)[:2] == (PARAMETERS, 0)
        first.sendall(of_first)
        # Here the connection breaks, and the worker pushes again.
    with target.connect() as first, target.connect() as second:
        first.sendall(of_first)
        second.sendall(of_second)
        answers = [read_frame(first), read_frame(second)]
    assert answers[0] == answers[1] == (PARAMETERS, 1, array([1.0 - 0.5 * 2.0, 2.0 - 0.5 * 2.0]))
    # Late: the step is over, and the answer is where the others are.
    assert ask(target, of_second) == answers[0]
    assert b"have not the shapes" in ask(target, frame(PUSH, 1, 1, [array([3.0])]))[2]
    assert b"not finite" in ask(target, frame(PUSH, 1, 1, [array([float("inf"), 0.0])]))[2]


def test_a_step_does_not_wait_for_ever(cluster):
    target = cluster()
    target.start_ps("--step-timeout", 0.3)
    kind, _, text = ask(target, frame(INIT, arrays=[SETTINGS, array([1.0])]), frame(PUSH, 0, 0, [array([1.0])]))
    assert (kind, text) == (ERROR, b"step 0 still waits for the gradients of worker 1, after 0.3 s")


# Export.


def test_the_export_stands_alone_and_agrees_with_its_model(with_model, tmp_path):
    ended = with_model.run("export.py")
    assert ended.status == 0, ended.errors
    assert "all predictions equal" in ended.output
    assert float(re.search(r"accuracy=(\d\.\d+)", ended.output)[1]) >= 0.95

    alone = tmp_path / "elsewhere"
    shutil.copytree(with_model.training / "export", alone)
    assert sorted(path.name for path in alone.iterdir()) == ["metadata.json", "model.npz", "predict.py"]
    command = [with_model.python, "-I", "-B", str(alone / "predict.py"), str(with_model.data / "test.npz")]
    digits = subprocess.run(command, check=True, capture_output=True, text=True, timeout=LIMIT_S).stdout.split()
    assert len(digits) == json.loads((with_model.data / "digits.json").read_text())["parts"]["test"]["images"]
    assert set(digits) == set("0123456789")


def test_export_takes_the_newest_build_or_the_one_asked_for(with_model):
    shutil.copytree(with_model.training / "1", with_model.training / "10")
    (with_model.training / "11").mkdir()  # still training: no model yet
    assert "exporting build 10" in with_model.run("export.py").output
    assert "exporting build 1," in with_model.run("export.py", "--build", 1).output
    assert fails_with(with_model.run("export.py", "--build", 11), "build 11 has no trained model", "10, 1")


def test_a_corrupt_model_is_refused_and_the_older_export_stays(with_model):
    assert with_model.run("export.py").status == 0
    before = (with_model.training / "export" / "model.npz").read_bytes()
    model = with_model.training / "1" / "model.npz"
    model.write_bytes(model.read_bytes()[:-100])
    assert fails_with(with_model.run("export.py"), "the model", "is damaged")
    (with_model.training / "1" / "model.json").write_text("{")
    assert fails_with(with_model.run("export.py"), "model.json is damaged")
    assert (with_model.training / "export" / "model.npz").read_bytes() == before
    assert not list(with_model.training.glob(".*"))


def test_export_without_a_model_says_what_to_run(place):
    assert fails_with(place.run("export.py"), "there is no trained model", "standalone")


# Pintle's API, played by a small server.


class FakePintle:
    """Follows the contract: jobs move on by one state each time somebody waits for them."""

    states = ("Queued", "Starting", "Running", "Complete")

    def __init__(self, failing=(), away=0, status=None):
        self.failing = failing
        self.away = away  # so many calls are answered by hanging up, as by a server that is being restarted
        self.status = status  # every call is refused with this status
        self.jobs = {}
        self.keys = {}
        self.log = []
        self.lock = threading.Lock()
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.handle_call(None)

            def do_POST(self):
                self.handle_call(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def handle_call(self, body):
                with fake.lock:
                    status, answer = fake.answer(self.command, urllib.parse.urlsplit(self.path), self.headers, body)
                if status is None:
                    self.close_connection = True
                    return
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.variables = {"PINTLE_URL": f"http://127.0.0.1:{self.server.server_port}", "PINTLE_TOKEN": "secret",
                          "PINTLE_JOB": "digits/workflow:1", "PINTLE_JOB_ID": "job-0", "PROJECT_NAME": "digits"}

    def answer(self, method, url, headers, body):
        if self.status:
            return self.status, {"code": "refused", "message": "not today"}
        if headers["Authorization"] != "Bearer secret":
            return 401, {"message": "unknown token"}
        started = re.fullmatch(r"/api/v1/projects/digits/tasks/([\w-]+)/jobs", url.path)
        if method == "POST" and started:
            return self.start(started[1], headers["Idempotency-Key"], body)
        found = re.fullmatch(r"/api/v1/jobs/([\w-]+)(/properties)?", url.path)
        if method == "POST" and found and found[2]:
            self.log.append(("properties", found[1], body))
            return 200, {}
        if method == "GET" and found and found[1] in self.jobs:
            return self.look(self.jobs[found[1]], urllib.parse.parse_qs(url.query))
        return 404, {"message": f"no {url.path}"}

    def start(self, task, key, body):
        assert key and body == {}
        if key not in self.keys:
            build = len(self.jobs) + 1
            job = {"id": f"job-{build}", "name": f"digits/{task}:{build}", "build": build, "state": "Queued",
                   "reason": "", "properties": {}, "revision": 1}
            self.keys[key] = self.jobs[job["id"]] = job
            self.log.append(("start", task))
        if self.away > 0:  # the job is stored, but the answer is lost
            self.away -= 1
            return None, None
        return 201, self.keys[key]

    def look(self, job, query):
        if self.away > 0:
            self.away -= 1
            return None, None
        if "wait" in query and int(query["after"][0]) == job["revision"] and job["state"] not in ("Complete", "Error"):
            task = job["name"].split("/")[1].split(":")[0]
            job["state"] = self.states[self.states.index(job["state"]) + 1]
            job["revision"] += 1
            if job["state"] == "Complete" and task in self.failing:
                job["state"], job["reason"] = "Error", "worker-0 exited with status 1"
            elif job["state"] == "Complete" and task != "prepare-data":
                job["properties"] = {"accuracy": 0.9694}
            if job["state"] in ("Complete", "Error"):
                self.log.append(("end", task))
        return 200, job

    def started(self):
        return [entry[1] for entry in self.log if entry[0] == "start"]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def fake_pintle():
    fakes = []

    def make(**options):
        fakes.append(FakePintle(**options))
        return fakes[-1]

    yield make
    for fake in fakes:
        fake.close()


def run_workflow(place, fake, *arguments, **variables):
    # The workflow needs no requirements, so it runs with any Python.
    return Place(sys.executable, place.data, place.training).run("workflow.py", *arguments,
                                                                 **{**fake.variables, **variables})


def test_the_workflow_runs_all_tasks_in_order_and_sums_up(tmp_path, fake_pintle):
    fake = fake_pintle()
    ended = run_workflow(Place(None, tmp_path, tmp_path), fake)
    assert ended.status == 0, ended.errors
    assert fake.started() == ["prepare-data", "standalone", "parallel", "export"]
    position = {entry: index for index, entry in enumerate(map(str, fake.log))}
    assert position["('end', 'prepare-data')"] < position["('start', 'standalone')"]
    assert position["('start', 'parallel')"] < position["('end', 'standalone')"], "both are started together"
    assert position["('end', 'standalone')"] < position["('start', 'export')"]
    assert position["('end', 'parallel')"] < position["('start', 'export')"]
    table = ended.output.split("\n\n")[1].splitlines()
    assert table[0].split() == ["task", "build", "state", "time", "accuracy"]
    assert [line.split()[0] for line in table[1:]] == fake.started()
    assert re.fullmatch(r"export +4 +Complete +\d+:\d\d +0\.969", table[4])
    assert fake.log[-1] == ("properties", "job-0", {"jobs": 4, "accuracy": 0.9694})


def test_the_workflow_stops_at_a_task_that_fails(tmp_path, fake_pintle):
    fake = fake_pintle(failing=("standalone",))
    ended = run_workflow(Place(None, tmp_path, tmp_path), fake)
    assert fails_with(ended, "standalone ended as Error: worker-0 exited with status 1", "the workflow ends here")
    assert fake.started() == ["prepare-data", "standalone", "parallel"]
    assert ("end", "parallel") in fake.log, "what was started together is followed to its end"
    assert re.search(r"^export +not started$", ended.output, re.MULTILINE)


def test_the_workflow_can_run_one_task_at_a_time(tmp_path, fake_pintle):
    fake = fake_pintle(failing=("standalone",))
    assert run_workflow(Place(None, tmp_path, tmp_path), fake, "--in-order").status == 1
    assert fake.started() == ["prepare-data", "standalone"]


def test_a_lost_answer_or_a_restarted_workflow_starts_nothing_twice(tmp_path, fake_pintle):
    fake = fake_pintle(away=3)
    assert run_workflow(Place(None, tmp_path, tmp_path), fake).status == 0
    assert run_workflow(Place(None, tmp_path, tmp_path), fake).status == 0
    assert fake.started() == ["prepare-data", "standalone", "parallel", "export"]


def test_the_workflow_says_why_the_server_refuses(tmp_path, fake_pintle):
    fake = fake_pintle()
    ended = run_workflow(Place(None, tmp_path, tmp_path), fake, PINTLE_TOKEN="wrong")
    assert fails_with(ended, "prepare-data", "unknown token (HTTP 401)")
    fake = fake_pintle()
    assert fails_with(run_workflow(Place(None, tmp_path, tmp_path), fake, PROJECT_NAME="other"), "HTTP 404")
    assert fails_with(run_workflow(Place(None, tmp_path, tmp_path), fake, PINTLE_URL=""), "PINTLE_URL is not set")
    assert fails_with(run_workflow(Place(None, tmp_path, tmp_path), fake, PINTLE_URL="file:///etc"), "PINTLE_URL")


def test_programs_report_their_properties(place, with_model, fake_pintle):
    fake = fake_pintle()
    ended = place.run("train.py", *SHORT, **{**fake.variables, "BUILD_ID": "7"})
    assert ended.status == 0, ended.errors
    (_, job, properties), = fake.log
    assert job == "job-0"
    assert properties["accuracy"] == pytest.approx(place.model(7)["accuracy"], abs=1e-6)
    assert properties["model_path"] == "$TRAINING_DIR/7"
    assert with_model.run("export.py", **fake.variables).status == 0
    assert fake.log[-1][2]["checked_against_build"] == 1


def test_trouble_with_reporting_is_only_a_warning(with_model, fake_pintle):
    ended = with_model.run("export.py", **fake_pintle(status=403).variables)
    assert ended.status == 0
    assert "warning: the properties were not reported" in ended.errors
    assert "not today (HTTP 403)" in ended.errors

    code = f"import sys; sys.path.insert(0, {str(SRC)!r}); import pintle_client; pintle_client.report({{'a': 1}}, 0.3)"
    gone = {"PINTLE_URL": f"http://{free_address()}", "PINTLE_JOB_ID": "job-0"}
    result = subprocess.run([sys.executable, "-B", "-c", code], env=with_model.environment(**gone),
                            capture_output=True, text=True, timeout=LIMIT_S)
    assert result.returncode == 0
    assert "refused" in result.stderr and "Traceback" not in result.stderr


# The project's document.


def test_the_document_names_programs_that_exist():
    yaml = pytest.importorskip("yaml")
    document = yaml.safe_load((EXAMPLE / "pintle.yaml").read_text())
    assert (EXAMPLE / document["summary_file"]).is_file()
    tasks = {task["name"]: task for task in document["tasks"]}
    assert set(tasks) == {"prepare-data", "standalone", "parallel", "export", "workflow"}
    for resource in itertools.chain.from_iterable(task["resources"] for task in tasks.values()):
        interpreter, program = resource["command"].split()[:2]
        assert interpreter in ("python", "python3")
        assert (SRC / program).is_file()
        assert resource.get("requirements", "$SRC_DIR/requirements.txt") == "$SRC_DIR/requirements.txt"
    assert tasks["parallel"]["resources"][0]["is_permanent"] is True
