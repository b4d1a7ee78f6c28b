"""The web interface in a browser, over a data folder with many jobs. The browser is driven by webui.mjs."""
import json
import pathlib
import re
import shutil
import subprocess

import measures
import synthetic
from pintle_server import Server
from timing import Failed

DRIVER = pathlib.Path(__file__).with_suffix(".mjs")
PASSWORD = "correct horse battery"
LONG = "long"


def missing_programs():
    """What only this part needs."""
    missing = [name for name in ("node", "chromium") if not shutil.which(name)]
    if not (DRIVER.parents[1] / "webui/node_modules/playwright-core").exists():
        missing.append("playwright-core (cd webui && npm install --no-save)")
    return missing


def set_password(server, connection):
    """As the link of the first start does."""
    code = re.search(r"welcome#(pin_\w+)", (server.data / "server.log").read_text())
    if not code:
        raise Failed("the first start of the server printed no link")
    connection.call("POST", "/password", {"invite": code[1], "password": PASSWORD})


def prepare(bench, data):
    """Real jobs of every end, and a great many copies of them."""
    sizes = bench.sizes
    with Server(bench.binary, data) as server:
        connection = server.connect()
        set_password(server, connection)
        measures.create_ten(connection, sizes.slots)
        server.submit_all([f"/projects/project-{i % 10}/tasks/noop/jobs" for i in range(200)], sizes.connections)
        server.until_idle(connection, 120)
        measures.fail_and_stop(server, connection)
    return synthetic.fill(data / "state.db", sizes.stored_jobs)


def long_log(bench, server, connection):
    """A job that writes very many lines: what the browser needs to find them."""
    lines = bench.sizes.web_log_lines
    measures.create(connection, LONG, 1, {"talks": f"seq -f 'step %.0f of {lines}' {lines}"})
    job = server.finish(connection, f"/projects/{LONG}/tasks/talks/jobs")
    streams = {stream["replica"]: stream["lines"] for stream in connection.call("GET", f"/jobs/{job['id']}/logs")["items"]}
    replica = next(name for name in streams if name != "job")
    if streams[replica] != lines:
        raise Failed(f"of {lines} lines the log has {streams[replica]}")
    return {"job": job["id"], "name": job["name"], "replica": replica, "lines": lines}


def drive(bench, server, log):
    sizes = bench.sizes
    wanted = {"url": f"http://{server.address}", "user": "operator", "password": PASSWORD, "runs": sizes.web_runs, "log": log,
              "filters": [f"project-{i}/fails" for i in range(sizes.web_runs)], "scroll_rows": sizes.web_rows,
              "storm": "/projects/project-0/tasks/noop/jobs", "storm_seconds": sizes.web_storm_seconds}
    done = subprocess.run(["node", str(DRIVER), json.dumps(wanted)], stdout=subprocess.PIPE, text=True, timeout=1200)
    if done.returncode != 0:
        raise Failed(f"the browser's part ended with {done.returncode}")
    return json.loads(done.stdout)


def browser(bench):
    data = bench.new_folder("webui")
    copied = prepare(bench, data)
    bench.say(f"  {copied} copies of finished jobs were added")
    with Server(bench.binary, data) as server:
        connection = server.connect()
        log = long_log(bench, server, connection)
        measures.expect_readable_copies(connection)
        results = {"jobs_stored": bench.sizes.stored_jobs, **drive(bench, server, log)}
        results["server_rss_mb"] = server.memory()["rss"]
        return results
