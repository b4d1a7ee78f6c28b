"""How long a container job takes to start, beside `podman run` of the same image and a job without a container."""
import json
import pathlib
import shutil
import subprocess
import sys
import time

from pintle_server import Server
from timing import Failed, spread

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/containers"))
import podman_service  # noqa: E402

COMMAND = "date +%s%N > /out/began"
WAYS = ("podman", "container", "process")


def missing_programs():
    return [name for name in ("podman", "runc") if not shutil.which(name)]


def project(shared):
    storage = [{"name": "out", "mount_path": "/out", "cluster_storage": "default"}]
    container = {"name": "container", "timeout": "1m", "resources": [{"name": "r", "images": {"cpu": podman_service.IMAGE}, "command": COMMAND}]}
    process = {"name": "process", "timeout": "1m", "resources": [{"name": "r", "command": COMMAND.replace("/out", str(shared))}]}
    return json.dumps({"name": "containers", "sources": storage, "tasks": [container, process]}).encode()


def with_podman(folder, shared):
    limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"]
    subprocess.run(podman_service.podman(folder, "run", "--rm", *limits, "--volume", f"{shared}:/out", podman_service.IMAGE,
                                         "bash", "-c", COMMAND), check=True, capture_output=True)
    return shared / "began"


def with_pintle(server, connection, shared, task):
    job = server.finish(connection, f"/projects/containers/tasks/{task}/jobs")
    if job["state"] != "Complete":
        raise Failed(f"a job of the task {task} failed: {job['reason']}")
    return shared / "began" if task == "process" else next(server.data.glob("storage/default/**/began"))


def timed(run):
    """Milliseconds from the command to the time that the program wrote, and to the command's end."""
    began = time.time_ns()
    written = run()
    ended = time.time_ns()
    return (int(written.read_text()) - began) / 1e6, (ended - began) / 1e6


def starts(bench):
    """Runs alternate, so that all ways meet the same load. A podman of its own and the tests' image are used."""
    folder = bench.new_folder("containers")
    shared = folder / "shared"
    shared.mkdir(parents=True)
    podman = str(folder / "podman")
    try:
        socket = podman_service.start(podman)
        with Server(bench.binary, folder / "data", f"containers: {{socket: {socket}}}") as server:
            connection = server.connect()
            connection.call("POST", "/projects", project(shared))
            ways = {"podman": lambda: with_podman(podman, shared), "container": lambda: with_pintle(server, connection, shared, "container"),
                    "process": lambda: with_pintle(server, connection, shared, "process")}
            found = {name: [] for name in WAYS}
            for turn in range(bench.sizes.container_runs + 1):
                for name, run in ways.items():
                    times = timed(run)
                    if turn > 0:  # The first reads the image from the disk.
                        found[name].append(times)
    finally:
        podman_service.stop(podman)
    return {name: {"start": spread([start for start, _ in times]), "end": spread([end for _, end in times])} for name, times in found.items()}
