#!/usr/bin/python3
"""How long a container job takes to start, beside `podman run` of the same image.

    bench/containers.py [--runs N] [--pintle FILE]

Needs root and the packages podman runc netavark aardvark-dns iptables. A podman of its own and the tests' image are used;
runs alternate, so that both meet the same load. Start is from the command to the moment when the program in the
container writes the time into a file that both see; end is until the command's caller knows. Prints a table."""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests/containers"), str(ROOT / "tests/program")]
import podman_service  # noqa: E402

COMMAND = "date +%s%N > {}"


def project(folder):
    return {"name": "bench", "sources": [{"name": "out", "mount_path": "/out", "cluster_storage": "default"}],
            "tasks": [{"name": "t", "timeout": "1m", "resources": [
                {"name": "r", "images": {"cpu": podman_service.IMAGE}, "command": COMMAND.format("/out/began")}]}]}


def with_podman(folder, shared):
    limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"]
    began = time.time_ns()
    subprocess.run(podman_service.podman(folder, "run", "--rm", *limits, "--volume", f"{shared}:/out", podman_service.IMAGE,
                                         "bash", "-c", COMMAND.format("/out/began")), check=True, capture_output=True)
    ended = time.time_ns()
    inside = int((shared / "began").read_text())
    return (inside - began) / 1e6, (ended - began) / 1e6


def with_pintle(server):
    began = time.time_ns()
    job = server.submit("bench", "t")
    job = server.request("GET", f"/jobs/{job['id']}?wait=60s")
    while job["state"] not in ("Complete", "Error"):
        job = server.request("GET", f"/jobs/{job['id']}?wait=60s&after={job['revision']}")
    ended = time.time_ns()
    if job["state"] != "Complete":
        sys.exit(f"a job failed: {job['reason']}")
    inside = int(next(server.data.glob("storage/default/**/began")).read_text())
    return (inside - began) / 1e6, (ended - began) / 1e6


def line(name, pairs):
    def figure(values):
        return f"{statistics.median(values):.0f} ms ({min(values):.0f}–{max(values):.0f})"

    return f"| {name} | {figure([start for start, _ in pairs])} | {figure([end for _, end in pairs])} |"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--runs", type=int, default=15)
    arguments.add_argument("--pintle", default=str(ROOT / "build/release/pintle"))
    given = arguments.parse_args()
    os.environ["PINTLE"] = given.pintle
    from conftest import Server
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pintle-bench-"))
    podman = str(folder / "podman")
    try:
        socket = podman_service.start(podman)
        shared = folder / "shared"
        shared.mkdir()
        server = Server(folder / "data", f"containers: {{socket: {socket}}}").start()
        try:
            server.create(json.dumps(project(folder)))
            direct, jobs = [], []
            with_podman(podman, shared), with_pintle(server)
            for _ in range(given.runs):
                direct.append(with_podman(podman, shared))
                jobs.append(with_pintle(server))
        finally:
            server.stop()
    finally:
        podman_service.stop(podman)
        shutil.rmtree(folder, ignore_errors=True)
    load = os.getloadavg()[0]
    print(f"{given.runs} runs each, alternating; load average at the end {load:.1f}. Median (smallest–largest):\n")
    print("|  | until the program runs | until its end is known |\n|---|---|---|")
    print(line("`podman run --rm`", direct))
    print(line("a container job", jobs))
    ratio = statistics.median(start for start, _ in jobs) / statistics.median(start for start, _ in direct)
    print(f"\nA container job starts in {ratio:.2f} × the time of `podman run`.")


if __name__ == "__main__":
    main()
