"""A notebook kernel's round trip through the server, beside the same kernel without it."""
import json
import os
import pathlib
import statistics
import sys
import time

import measures
from pintle_server import Server
from timing import Failed, latency, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/program"))
from notebook import Kernel, Visitor, WebSocket  # noqa: E402

PROJECT = "notebooks"


def jupyter_process(prefix):
    """The variables of the Jupyter server: where it listens, and by which token it lets in."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            variables = dict(part.split("=", 1) for part in (process / "environ").read_bytes().decode(errors="replace").split("\0") if "=" in part)
        except OSError:
            continue
        if variables.get("URL_PREFIX") == prefix and "JUPYTER_TOKEN" in variables:
            return variables
    raise Failed("the Jupyter server was not found; its variables can be read by root or its user")


def wait_for(server, connection):
    """The first time its packages are installed, which takes about a minute."""
    path = f"/projects/{PROJECT}/components/jupyter"
    connection.call("POST", path + "/enable", {})
    until("Jupyter runs", lambda: connection.call("GET", path)["state"] == "Running", 600, 0.2)
    visitor = Visitor(connection.call("GET", path + "/open")["url"])
    until("Jupyter answers", lambda: visitor.get("/api/status")[0] == 200, 120, 0.2)
    return visitor


def trips(kernel, count):
    times = []
    for _ in range(count):
        began = time.perf_counter()
        kernel.run("pass")
        times.append(time.perf_counter() - began)
    return times


def requests(ask, count):
    times = []
    for _ in range(count):
        began = time.perf_counter()
        if ask() != 200:
            raise Failed("Jupyter did not answer 200")
        times.append(time.perf_counter() - began)
    return times


def round_trips(bench):
    """Both ways to the same kernel, in turns, so that neither has the quieter moments."""
    sizes = bench.sizes
    with Server(bench.binary, bench.new_folder("notebook")) as server:
        connection = server.connect()
        measures.create(connection, PROJECT, 1, {"noop": "\"true\""})
        visitor = wait_for(server, connection)
        variables = jupyter_process(visitor.prefix)
        direct_address = f"{variables['PINTLE_ADDRESS']}:{variables['PORT']}"
        token = {"Authorization": "token " + variables["JUPYTER_TOKEN"]}
        status, _, kernel = visitor.post("/api/kernels", {"name": "python3"})
        if status != 201:
            raise Failed(f"no kernel was begun: {status}")
        channels = f"/api/kernels/{json.loads(kernel)['id']}/channels"
        through = Kernel(visitor.socket(channels))
        direct = Kernel(WebSocket(direct_address, visitor.prefix + channels, token))
        kernels = {"through": through, "direct": direct}
        for kernel in kernels.values():
            trips(kernel, 20)
        found = {name: [] for name in kernels}
        for _ in range(sizes.notebook_turns):
            for name, kernel in kernels.items():
                found[name] += trips(kernel, 20)
        asked = visit_both(visitor, direct_address, token, sizes.notebook_turns)
        for kernel in kernels.values():
            kernel.websocket.close()
        connection.call("POST", f"/projects/{PROJECT}/components/jupyter/disable", {})
    return {"cell": compared(found), "request": compared(asked), "cores": os.cpu_count()}


def visit_both(visitor, direct_address, token, turns):
    """A small request of its own connection, as pages make many."""
    outside = Visitor.__new__(Visitor)
    outside.address = direct_address
    ways = {"through": lambda: visitor.get("/api/status")[0], "direct": lambda: outside.ask("GET", visitor.prefix + "/api/status", token)[0]}
    found = {name: [] for name in ways}
    for _ in range(turns):
        for name, ask in ways.items():
            found[name] += requests(ask, 10)
    return found


def compared(found):
    result = {name: {**latency(times), "median_ms": statistics.median(times) * 1e3} for name, times in found.items()}
    result["ratio"] = result["through"]["median_ms"] / result["direct"]["median_ms"]
    return result
