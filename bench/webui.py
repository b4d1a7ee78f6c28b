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


def drive(bench, server, **more):
    sizes = bench.sizes
    wanted = {"url": f"http://{server.address}", "user": "operator", "password": PASSWORD, "runs": sizes.web_runs, **more}
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
        sizes = bench.sizes
        results = {"jobs_stored": sizes.stored_jobs,
                   **drive(bench, server, log=log, filters=[f"project-{i}/fails" for i in range(sizes.web_runs)],
                           scroll_rows=sizes.web_rows, storm="/projects/project-0/tasks/noop/jobs",
                           storm_seconds=sizes.web_storm_seconds)}
        results["server_rss_mb"] = server.memory()["rss"]
    results["many_projects"] = many_projects(bench)
    return results


def many_projects(bench):
    """As many projects as a server keeps."""
    count = bench.sizes.web_projects
    with Server(bench.binary, bench.new_folder("webui-projects")) as server:
        connection = server.connect()
        set_password(server, connection)
        for i in range(count):
            connection.call("POST", "/projects", {"name": f"study-{i:05}", "summary": f"How model {i % 97} learns from set {i % 13}.",
                                                  "tasks": [{"name": "train", "resources": [{"name": "worker", "command": "true"}]}]})
        bench.say(f"  {count} projects were made")
        names = [f"study-{count - 1 - i * 7:05}" for i in range(bench.sizes.web_runs)]
        found = drive(bench, server, only=["many_projects"], many={"names": names, "rows": int(count * 0.9)})
        return {"projects": count, **found["many_projects"]}


def an_hour(bench, seconds=3600):
    """Not a part of any run, since it takes what it says: pages that stay open while a job comes every three seconds."""
    with Server(bench.binary, bench.new_folder("webui-hour")) as server:
        connection = server.connect()
        set_password(server, connection)
        measures.create(connection, "p", 1, {"noop": "true", "talks": "i=0; while true; do i=$((i+1)); echo line $i of what it says; sleep 0.5; done"})
        live = {"seconds": seconds, "submit": "/projects/p/tasks/noop/jobs", "talk": "/projects/p/tasks/talks/jobs"}
        return drive(bench, server, only=["live"], live=live)["live"]
