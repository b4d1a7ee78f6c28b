"""The measurements. Each returns plain numbers; what they mean is written in report.py."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import peers
import synthetic
from pintle_server import Server
from timing import Failed, latency, spread, until

MEGABYTE = 10**6


class Bench:
    """What all measurements share: the program, a folder that is deleted at the end, and how much to do."""

    def __init__(self, binary, folder, sizes, say):
        self.binary = binary
        self.folder = pathlib.Path(folder)
        self.sizes = sizes
        self.say = say

    def new_folder(self, name):
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        return path


def document(name, slots, tasks):
    """A project whose jobs ask for so little that `slots` of them fit on the machine at once, and no more."""
    cpu = max(1, os.cpu_count() * 1000 // slots)
    lines = [f"name: {name}", "engine: process", "tasks:"]
    for task, command in tasks.items():
        lines += [f"- name: {task}", "  resources:", "  - name: main", f"    command: {command}", f"    requests: {{cpu: {cpu}m, memory: 1Mi}}"]
    return ("\n".join(lines) + "\n").encode()


def create(connection, name, slots, tasks):
    connection.call("POST", "/projects", document(name, slots, tasks), "application/yaml")


def version(bench):
    with Server(bench.binary, bench.new_folder("version")) as server:
        return server.connect().call("GET", "/server")["version"]


def expect_all_complete(server, connection, more_than, count):
    complete = server.totals(connection)[1]["Complete"]
    if complete != more_than + count:
        raise Failed(f"of {count} jobs only {complete - more_than} are complete")


# --- 1. jobs per second ------------------------------------------------------------------------------------------

MEMORY_FOLDER = pathlib.Path("/dev/shm")


def has_memory_folder():
    return os.access(MEMORY_FOLDER, os.W_OK) and shutil.disk_usage(MEMORY_FOLDER).free > 2 * 10**9


def pintle_rate(bench, count, folder):
    with Server(bench.binary, folder) as server:
        connection = server.connect()
        create(connection, "rate", bench.sizes.slots, {"noop": "\"true\""})
        began = time.monotonic()
        accepted = server.submit_all(["/projects/rate/tasks/noop/jobs"] * count, bench.sizes.connections)
        server.until_idle(connection, 600)
        took = time.monotonic() - began
        expect_all_complete(server, connection, 0, count)
        return count / took, count / accepted


def jobs_per_second(bench):
    sizes = bench.sizes
    results = {"slots": sizes.slots, "connections": sizes.connections}

    def several(key, runs, measure, jobs):
        values = []
        for i in range(runs):
            values.append(measure(i))
        results[key] = {**spread(values), "jobs": jobs}
        bench.say(f"  {key:<28} {results[key]['median']:9.1f} jobs/s  ({results[key]['min']:.1f}–{results[key]['max']:.1f})")

    # Rounds, not blocks: what disturbs the machine for a while disturbs everybody.
    jobs = sizes.jobs
    accepted = []
    values = {"pintle": [], "pintle in memory": [], "xargs bash -c true": [], "xargs true": [], "task-spooler": []}
    for i in range(sizes.runs):
        rate, accepting = pintle_rate(bench, jobs, bench.new_folder("rate"))
        values["pintle"].append(rate)
        accepted.append(accepting)
        if has_memory_folder():
            with tempfile.TemporaryDirectory(prefix="pintle-bench-", dir=MEMORY_FOLDER) as folder:
                values["pintle in memory"].append(pintle_rate(bench, jobs, pathlib.Path(folder) / "rate")[0])
        values["xargs bash -c true"].append(jobs / peers.feed_xargs(["bash", "-c", "true"], jobs, sizes.slots))
        values["xargs true"].append(jobs / peers.feed_xargs(["true"], jobs, sizes.slots))
        with peers.TaskSpooler(bench.new_folder("tsp"), sizes.slots) as spooler:
            values["task-spooler"].append(jobs / spooler.many(jobs, sizes.submitters))
    for key, rates in values.items():
        if not rates:
            continue
        several(key, len(rates), lambda i, rates=rates: rates[i], jobs)
    results["pintle accepts"] = {**spread(accepted), "jobs": jobs}
    for tuned in (False, True):
        name = "slurm high-throughput" if tuned else "slurm default"
        with peers.Slurm(bench.new_folder("slurm"), sizes.slots, tuned) as slurm:
            count = sizes.slurm_jobs
            several(f"{name}, sbatch", sizes.slurm_runs, lambda i: count / slurm.singles(count, sizes.submitters), count)
            several(f"{name}, array", sizes.slurm_runs, lambda i: count / slurm.array(count), count)
    return results


# --- 2. from submission to running -------------------------------------------------------------------------------

def stamps(path):
    return [float(line) for line in path.read_text().split()] if path.exists() else []


def one_after_the_other(bench, name, count, submit):
    """Seconds from before the submission to the moment that the job's own program writes down, for jobs one by one."""
    out = bench.folder / f"stamps-{name}"
    out.unlink(missing_ok=True)
    command = f"echo $EPOCHREALTIME >> {out}"
    delays = []
    for i in range(count):
        before = time.time()
        submit(command)
        seen = until("the job has written its start", lambda: (lambda all_: len(all_) > i and all_)(stamps(out)), 60)
        delays.append(seen[i] - before)
        time.sleep(0.01)
    return delays


def start_latency(bench):
    sizes = bench.sizes
    results = {}

    def add(key, delays):
        results[key] = latency(delays)
        bench.say(f"  {key:<28} p50 {results[key]['p50']:8.2f} ms   p99 {results[key]['p99']:8.2f} ms   ({len(delays)} jobs)")

    add("bash alone", one_after_the_other(bench, "bash", sizes.latencies, lambda command: subprocess.run(["bash", "-c", command], check=True)))
    with Server(bench.binary, bench.new_folder("latency")) as server:
        connection = server.connect()
        out = bench.folder / "stamps-pintle"
        create(connection, "latency", sizes.slots, {"stamp": f"echo $EPOCHREALTIME >> {out}"})
        add("pintle", one_after_the_other(bench, "pintle", sizes.latencies, lambda _: server.finish(connection, "/projects/latency/tasks/stamp/jobs")))
        submissions = []
        request = connection.encode("POST", "/projects/latency/tasks/stamp/jobs", {})
        for _ in range(sizes.latencies):
            began = time.monotonic()
            status, _ = connection.ask(request)
            submissions.append(time.monotonic() - began)
            if status != 201:
                raise Failed(f"a job was not accepted: {status}")
            server.until_idle(connection, 60)
        add("pintle answers the POST", submissions)
    with peers.TaskSpooler(bench.new_folder("tsp"), sizes.slots) as spooler:
        add("task-spooler", one_after_the_other(bench, "tsp", sizes.latencies, spooler.once))
    for tuned in (False, True):
        with peers.Slurm(bench.new_folder("slurm"), sizes.slots, tuned) as slurm:
            add("slurm high-throughput" if tuned else "slurm default", one_after_the_other(bench, f"slurm{tuned:d}", sizes.slurm_latencies, slurm.once))
    return results


# --- 3. does it slow down ----------------------------------------------------------------------------------------

def create_ten(connection, slots):
    for i in range(10):
        create(connection, f"project-{i}", slots, {"noop": "\"true\"", "fails": "\"false\"", "waits": "sleep 600"})


def fail_and_stop(server, connection):
    """Some jobs that failed and some that were stopped, so that there are such to list."""
    for i in range(20):
        server.finish(connection, f"/projects/project-{i % 10}/tasks/fails/jobs")
        job = connection.call("POST", f"/projects/project-{i % 10}/tasks/waits/jobs", {})
        connection.call("POST", f"/jobs/{job['id']}/stop")
    server.until_idle(connection, 120)


def flatness(bench, server):
    """Jobs in waves of a thousand until enough have ended; the rate of each wave. Leaves the data folder for what follows."""
    sizes = bench.sizes
    connection = server.connect()
    create_ten(connection, sizes.slots)
    wave = 1000
    rates = []
    began = time.monotonic()
    for number in range(sizes.flat_jobs // wave):
        if time.monotonic() - began > sizes.flat_seconds:
            break
        start = time.monotonic()
        server.submit_all([f"/projects/project-{i % 10}/tasks/noop/jobs" for i in range(wave)], sizes.connections)
        server.until_idle(connection, 300)
        rates.append(wave / (time.monotonic() - start))
    expect_all_complete(server, connection, 0, len(rates) * wave)
    fail_and_stop(server, connection)
    ends = max(1, min(5, len(rates) // 4))
    result = {"jobs": len(rates) * wave, "asked": sizes.flat_jobs, "seconds": time.monotonic() - began, "first": spread(rates[:ends]), "last": spread(rates[-ends:]),
              "rates": [round(rate, 1) for rate in rates]}
    bench.say(f"  jobs 1–{ends * wave}: {result['first']['median']:.0f} jobs/s, the last {ends * wave} of {result['jobs']}: {result['last']['median']:.0f} jobs/s")
    return result


# --- 4., 5. memory and start -------------------------------------------------------------------------------------

def settled_memory(server):
    """Memory a second after the start and one request; nothing else is asked of the server."""
    connection = server.connect()
    server.totals(connection)
    time.sleep(1)
    return server.memory()


def idle_memory_empty(bench):
    with Server(bench.binary, bench.new_folder("empty")) as server:
        return settled_memory(server)


def start_times(bench, data):
    times = []
    for _ in range(bench.sizes.starts):
        server = Server(bench.binary, data)
        try:
            times.append(server.seconds_to_first_answer())
        finally:
            server.stop()
    return spread(times)


def full_folder(bench):
    """Measures 3 to 6, which share one data folder: it fills with real jobs, then with copies of them."""
    data = bench.new_folder("full")
    results = {"memory": {"empty": idle_memory_empty(bench)}}
    bench.say("How the rate holds")
    with Server(bench.binary, data) as server:
        results["flatness"] = flatness(bench, server)
        results["memory"]["after the jobs"] = server.memory()
    began = time.monotonic()
    added = synthetic.fill(data / "state.db", bench.sizes.stored_jobs)
    results["stored"] = {"jobs": bench.sizes.stored_jobs, "copied": added, "state_db_bytes": (data / "state.db").stat().st_size}
    bench.say(f"  {added} copies of finished jobs were added in {time.monotonic() - began:.0f} s; state.db has {results['stored']['state_db_bytes'] / MEGABYTE:.0f} MB")

    bench.say("Start and idle memory")
    results["start_empty"] = start_times(bench, bench.folder / "empty")
    results["start"] = start_times(bench, data)
    with Server(bench.binary, data) as server:
        results["memory"]["full"] = settled_memory(server)
        for name in ("empty", "full"):
            memory = results["memory"][name]
            bench.say(f"  {name:<6} RSS {memory['rss']:.1f} MB, PSS with launcher {memory['pss_with_launcher']:.1f} MB")
        bench.say(f"  start to first 200: {results['start']['median'] * 1e3:.0f} ms with {bench.sizes.stored_jobs} jobs, {results['start_empty']['median'] * 1e3:.0f} ms empty")
        bench.say("List pages")
        results["pages"] = list_pages(bench, server)
        results["memory"]["after the pages"] = server.memory()
    return results


# --- 6. list pages -----------------------------------------------------------------------------------------------

PAGES = {
    "newest": "/jobs?limit=100",
    "oldest": "/jobs?limit=100&order=oldest",
    "of a project": "/jobs?limit=100&project=project-3",
    "by state": "/jobs?limit=100&state=Error",
    "by project and state": "/jobs?limit=100&project=project-3&state=Complete",
    "of a task": "/jobs?limit=100&project=project-3&task=noop",
    "by text, many match": "/jobs?limit=100&text=project-3",
    "by text, none matches": "/jobs?limit=100&text=nothing-is-called-so",
    "live": "/jobs?limit=100&live=true",
    "history": "/history?limit=100",
    "history of a project": "/history?limit=100&project=project-3",
    "projects": "/projects?limit=100",
    "server": "/server",
}


def expect_readable_copies(connection):
    """The oldest jobs are copies: the server must read each as it reads a job of its own."""
    for listed in connection.call("GET", "/jobs?limit=50&order=oldest")["items"]:
        job = connection.call("GET", f"/jobs/{listed['id']}")
        same = all(job[name] == listed[name] for name in ("id", "name", "project_id", "build", "state"))
        if not same or not connection.call("GET", f"/jobs/{listed['id']}/events")["items"]:
            raise Failed(f"the copied job {listed['name']} reads as {job['name']}")


def timed(connection, path):
    request = connection.encode("GET", path)
    began = time.monotonic()
    status, body = connection.ask(request)
    took = time.monotonic() - began
    if status != 200:
        raise Failed(f"GET {path}: {status} {body[:400].decode(errors='replace')}")
    return took, body


def walk(connection, count):
    """Page after page of all jobs, from the newest to the oldest and again."""
    taken, cursor = [], ""
    while len(taken) < count:
        took, body = timed(connection, "/jobs?limit=100" + (f"&cursor={cursor}" if cursor else ""))
        taken.append(took)
        cursor = json.loads(body)["next_cursor"]
    return taken


def list_pages(bench, server):
    connection = server.connect()
    expect_readable_copies(connection)
    results = {}

    def add(key, taken, size):
        results[key] = {**latency(taken), "bytes": size}
        bench.say(f"  {key:<28} p50 {results[key]['p50']:8.2f} ms   p99 {results[key]['p99']:8.2f} ms   {size / 1000:6.1f} kB")

    for key, path in PAGES.items():
        timed(connection, path)
        answers = [timed(connection, path) for _ in range(bench.sizes.pages)]
        add(key, [took for took, _ in answers], len(answers[-1][1]))
    add("page after page", walk(connection, bench.sizes.pages), results["newest"]["bytes"])
    return results


# --- 7. logs -----------------------------------------------------------------------------------------------------

def realistic_lines(path, size):
    """Writes lines as a training program prints them."""
    with open(path, "w") as file:
        step = 0
        while file.tell() < size:
            step += 1
            file.write(f"2026-03-01 12:{step // 60 % 60:02d}:{step % 60:02d},{step % 1000:03d} INFO epoch {step // 1000:3d} step {step:7d} "
                       f"loss {2.5 / (1 + step % 997):.6f} accuracy {1 - 1 / (2 + step % 991):.4f} lr 3.0e-04 {1200 + step % 77} samples/s\n")


def log_throughput(bench):
    sizes = bench.sizes
    sample = bench.folder / "lines.txt"
    realistic_lines(sample, 16 * MEGABYTE)
    repeats = max(1, sizes.log_bytes // sample.stat().st_size)
    commands = {
        "training lines (about 110 bytes)": (f"for i in $(seq {repeats}); do cat {sample}; done", repeats * sample.stat().st_size),
        "long lines (1,000 bytes)": (f"yes \"$(printf '%0999d' 0)\" | head -c {sizes.log_bytes}", sizes.log_bytes),
        "tiny lines (2 bytes: yes)": (f"yes | head -c {sizes.tiny_log_bytes}", sizes.tiny_log_bytes),
    }
    results = {}
    with Server(bench.binary, bench.new_folder("logs")) as server:
        connection = server.connect()
        tasks = {f"log-{i}": "|\n      " + command for i, (command, _) in enumerate(commands.values())}
        create(connection, "logs", 1, tasks)
        for i, (key, (command, size)) in enumerate(commands.items()):
            ours, theirs = [], []
            for _ in range(sizes.log_runs):
                job = server.finish(connection, f"/projects/logs/tasks/log-{i}/jobs")
                if job["state"] != "Complete":
                    raise Failed(f"the job that writes {key} is {job['state']}: {job['reason']}")
                streams = connection.call("GET", f"/jobs/{job['id']}/logs")["items"]
                ours.append(size / MEGABYTE / (job["duration_ms"] / 1000))
                connection.call("DELETE", f"/jobs/{job['id']}")
                # Logs of deleted jobs are removed in the background.
                until("the log is gone", lambda: sum(p.stat().st_size for p in (server.data / "logs").rglob("*") if p.is_file()) < MEGABYTE, 60)
                copy = bench.folder / "copy"
                began = time.monotonic()
                subprocess.run(["bash", "-c", f"( {command} ) | cat > {copy}"], check=True)
                theirs.append(size / MEGABYTE / (time.monotonic() - began))
                copy.unlink()
            results[key] = {"bytes": size, "lines": next(s["lines"] for s in streams if s["replica"] != "job"), "pintle": spread(ours), "cat": spread(theirs)}
            bench.say(f"  {key:<34} {results[key]['pintle']['median']:7.0f} MB/s, | cat > file {results[key]['cat']['median']:7.0f} MB/s")
    return results
