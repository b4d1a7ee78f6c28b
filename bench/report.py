"""Writes what was measured as docs/benchmarks.md."""
import os
import pathlib
import platform
import subprocess

import peers
import scheduling_loads
import source_report
from tables import ms, rate, spread_text, table

NOTES = pathlib.Path(__file__).with_name("notes.md")


def first_line_of(words):
    try:
        return subprocess.run(words, capture_output=True, text=True).stdout.splitlines()[0].strip()
    except (OSError, IndexError):
        return "unknown"


def machine(folder):
    cpu = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), platform.machine())
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) * 1024 / 2**30
    return {"cpu": cpu, "cores": os.cpu_count(), "memory_gib": round(memory, 1), "kernel": platform.release(),
            "virtual": first_line_of(["systemd-detect-virt"]), "file_system": first_line_of(["findmnt", "-n", "-o", "FSTYPE", "-T", str(folder)])}


def versions():
    return {package: peers.version_of(package) for package in ("findutils", "task-spooler", "slurmctld", "bash")}


def verdict(measured, target, lower_is_better, unit):
    """Met, or missed by how much."""
    met = measured < target if lower_is_better else measured >= target
    if met:
        return "met"
    return f"**missed** by {abs(measured - target):.3g} {unit}".rstrip()


def targets(results):
    """Rows of: what, target, measured, verdict. Of what was not measured there are none."""
    rows = whole_server_targets(results) if {"rates", "latency", "full"} <= results.keys() else []
    rows += scheduling_targets(results) if "clusters" in results else []
    return rows + (webui_targets(results) if "webui" in results else [])


def whole_server_targets(results):
    rates, delays, full = results["rates"], results["latency"], results["full"]
    ours = rates["pintle"]["median"]
    xargs = ours / rates["xargs bash -c true"]["median"] * 100
    best_slurm = max(value["median"] for key, value in rates.items() if key.startswith("slurm"))
    best_single = max(rates["slurm default, sbatch"]["median"], rates["slurm high-throughput, sbatch"]["median"])
    flat = full["flatness"]["last"]["median"] / full["flatness"]["first"]["median"] * 100
    pages = {key: value for key, value in full["pages"].items() if key not in ("server", "projects")}
    worst = max(pages, key=lambda key: pages[key]["p99"])
    stored = f"{full['stored']['jobs']:,}"
    empty, filled = full["memory"]["empty"]["rss"], full["memory"]["full"]["rss"]
    start = full["start"]["median"]
    delay = delays["pintle"]
    return [
        ("Jobs per second, of `xargs -P` with the same command", "≥ 60 %", f"{xargs:.0f} %", verdict(xargs, 60, False, "points")),
        ("Jobs per second, of Slurm's best with single jobs (`sbatch`)", "≥ 10 ×", f"{ours / best_single:.1f} ×", verdict(ours / best_single, 10, False, "×")),
        ("Jobs per second, of Slurm's best of any kind", "≥ 10 ×", f"{ours / best_slurm:.1f} ×", verdict(ours / best_slurm, 10, False, "×")),
        ("Submission to running, p50", "< 10 ms", f"{ms(delay['p50'])} ms", verdict(delay["p50"], 10, True, "ms")),
        ("Submission to running, p99", "< 50 ms", f"{ms(delay['p99'])} ms", verdict(delay["p99"], 50, True, "ms")),
        (f"Rate at job {full['flatness']['jobs']:,} against the beginning", "flat (≥ 90 %)", f"{flat:.0f} %", verdict(flat, 90, False, "points")),
        ("Idle memory (RSS), no jobs", "< 40 MB", f"{empty:.1f} MB", verdict(empty, 40, True, "MB")),
        (f"Idle memory (RSS), {stored} jobs", "< 40 MB", f"{filled:.1f} MB", verdict(filled, 40, True, "MB")),
        (f"Start to the first answer, {stored} jobs", "< 0.3 s", f"{start:.3f} s", verdict(start, 0.3, True, "s")),
        (f"List page of 100, p99, the slowest: {worst}", "< 10 ms", f"{ms(pages[worst]['p99'])} ms", verdict(pages[worst]["p99"], 10, True, "ms")),
    ]


def scheduling_targets(results):
    rows = []
    for load, known in scheduling_loads.KUEUE.items():
        seconds = results["kueue"][load]["seconds"]["median"]
        rows.append((f"Kueue's {load} load, in real time with durable writes (Kueue: {known['published']:,} s; no overhead: {known['ideal']} s)",
                     f"≤ {known['target']} s", f"{seconds:.1f} s, {known['published'] / seconds:.1f} times as fast as Kueue", verdict(seconds, known["target"], True, "s")))
    for row in results["clusters"]:
        where = f"{row['nodes']:,} nodes × 8 GPUs, {row['waiting']:,} waiting"
        took = row["seconds"]["median"] * 1e3
        if row["case"] in ("mixed", "reclaim", "unplaceable"):
            many = row["per_second"]["median"]
            rows.append((f"Decisions per second: {row['name']}, {where}", "≥ 50,000", f"{many:,.0f}", verdict(many, 50_000, False, "")))
        elif row["name"] == "unchanged":
            rows.append((f"A pass that changes nothing, {where}", "< 5 ms", f"{ms(took)} ms", verdict(took, 5, True, "ms")))
        elif row["case"] == "forecast":
            rows.append((f"Forecast of all, {where}", "≤ 50 ms", f"{ms(took)} ms", verdict(took, 50, True, "ms")))
        elif row["case"] == "what_if":
            what = "Dry run" if row["name"] == "what_if" else "Explanation"
            rows.append((f"{what}, {where}", "≤ 10 ms", f"{ms(took)} ms", verdict(took, 10, True, "ms")))
    return rows


def webui_targets(results):
    """What the first load may weigh; nothing else of the interface has a number to reach."""
    program = program_kb(results["webui"]["home"])
    return [("First load of the web interface: its program, compressed", "< 400 kB", f"{program:.0f} kB", verdict(program, 400, True, "kB"))]


PEERS = {
    "pintle": "**Pintle**, over HTTP",
    "pintle in memory": "Pintle with its data folder on tmpfs (what the disk's file system costs)",
    "xargs bash -c true": "`xargs -P {slots} -I{{}} bash -c true`",
    "xargs true": "`xargs -P {slots} -I{{}} true`",
    "task-spooler": "task-spooler: `tsp bash -c true`, `tsp -S {slots}`",
    "slurm default, sbatch": "Slurm, default settings: `sbatch --wrap=true`",
    "slurm default, array": "Slurm, default settings: `sbatch --array=1-N --wrap=true`",
    "slurm high-throughput, sbatch": "Slurm, high-throughput settings: `sbatch --wrap=true`",
    "slurm high-throughput, array": "Slurm, high-throughput settings: `sbatch --array=1-N --wrap=true`",
}


def rates_section(results):
    rates = results["rates"]
    ours = rates["pintle"]["median"]
    rows = [(text.format(slots=rates["slots"]), f"{rates[key]['jobs']:,}", rates[key]["runs"], spread_text(rates[key]), f"{ours / rates[key]['median']:.2f}")
            for key, text in PEERS.items() if key in rates]
    return f"""## Jobs per second

The same job, `true`, up to {rates['slots']} at once; from before the first submission to the end of the last job. Pintle runs
every command with `bash -c` in a process group of its own under a supervisor, keeps its log, and answers a submission only
when the job is on disk. It is given the jobs by one client over {rates['connections']} keep-alive connections, and accepts
{spread_text(rates['pintle accepts'])} of them per second while they run. `xargs` keeps nothing. task-spooler keeps
each job's output and exit status, in memory and /tmp. Slurm is given fewer jobs, since it is slower; its node has
{rates['slots']} CPUs by configuration. The jobs of task-spooler and the single ones of Slurm are submitted by
{results['sizes']['submitters']} processes at once. The client takes its share of the cores too, in every row.

""" + table(["", "jobs", "runs", "jobs per second: median (min–max)", "Pintle does … times as many"], rows)


def latency_section(results):
    names = {"bash alone": "`bash -c` started by the client itself (the floor)", "pintle": "**Pintle**", "task-spooler": "task-spooler", "slurm default": "Slurm, default settings",
             "slurm high-throughput": "Slurm, high-throughput settings"}
    rows = [(text, results["latency"][key]["count"], *(ms(results["latency"][key][name]) for name in ("p50", "p99", "max"))) for key, text in names.items()]
    answer = results["latency"]["pintle answers the POST"]
    return f"""## From submission to running

One job after the other on the idle machine. The job's own first act is `echo $EPOCHREALTIME >> FILE`; the delay runs from
before the client's submission to that moment, so it includes the start of bash. Pintle's HTTP answer to the submission,
after the job is on disk: p50 {ms(answer['p50'])} ms, p99 {ms(answer['p99'])} ms.

""" + table(["", "jobs", "p50 (ms)", "p99 (ms)", "slowest (ms)"], rows)


def flat_section(results):
    flat = results["full"]["flatness"]
    bounded = "" if flat["jobs"] == flat["asked"] else f" {flat['asked']:,} were asked for; the time allowed for it ended before."
    rows = [(f"{i * 1000 + 1:,}–{i * 1000 + 1000:,}", rate(flat["rates"][i])) for i in sorted({round(j * (len(flat["rates"]) - 1) / 9) for j in range(10)})]
    return f"""## Does it slow down

{flat['jobs']:,} jobs of `true` in one data folder, in waves of 1,000 over 10 projects; the next wave is submitted when the last one has
ended.{bounded} The first waves: {spread_text(flat['first'])} jobs per second; the last: {spread_text(flat['last'])}.

""" + table(["jobs", "jobs per second"], rows)


def memory_section(results):
    full = results["full"]
    memory = full["memory"]
    names = {"empty": "after the start, empty", "after the jobs": f"after {full['flatness']['jobs']:,} jobs, without a restart",
             "full": f"after the start, {full['stored']['jobs']:,} jobs stored", "after the pages": "after reading all list pages below"}
    rows = [(text, *(f"{memory[key][name]:.1f}" for name in ("rss", "pss_with_launcher", "peak"))) for key, text in names.items()]
    second = lambda value: f"{value * 1e3:.0f} ms"
    return f"""## Memory and start

Of the {full['stored']['jobs']:,} stored jobs, {full['stored']['copied']:,} are copies: rows of jobs that really ran (complete, failed and
stopped ones), with ids, build numbers, projects and times of their own, and everything that a finished job has in the
database (`bench/synthetic.py`). `state.db` then has {full['stored']['state_db_bytes'] / 1e6:.0f} MB.

""" + table(["", "RSS of the server (MB)", "PSS of server and launcher (MB)", "highest RSS (MB)"], rows) + f"""
From the start of the process to its first HTTP 200 (`GET /api/v1/server`): **{spread_text(full['start'], second)}** with
{full['stored']['jobs']:,} jobs, {spread_text(full['start_empty'], second)} with none; {full['start']['runs']} starts each, with the files in the page cache.
"""


def pages_section(results):
    import measures
    rows = [(key, f"`{measures.PAGES.get(key, '/jobs?limit=100&cursor=…')}`", ms(value["p50"]), ms(value["p99"]), f"{value['bytes'] / 1000:.1f}")
            for key, value in results["full"]["pages"].items()]
    return f"""## List pages

{results['sizes']['pages']} requests each over one connection, with {results['full']['stored']['jobs']:,} jobs stored; the client's own time is included.

""" + table(["page", "GET /api/v1…", "p50 (ms)", "p99 (ms)", "kB"], rows)


def logs_section(results):
    rows = [(key, f"{value['bytes'] / 1e6:,.0f} MB, {value['lines']:,} lines", spread_text(value["pintle"]), spread_text(value["cat"]),
             f"{value['pintle']['median'] / value['cat']['median'] * 100:.0f} %") for key, value in results["logs"].items()]
    return f"""## Logs

One replica writes to its standard output; Pintle stamps, indexes and stores every line. From the job's start to its end,
against `( the same command ) | cat > file` on the same disk; {results['sizes']['log_runs']} runs each.

""" + table(["", "output", "Pintle (MB/s)", "`| cat > file` (MB/s)", "Pintle of cat"], rows)


def scheduling_section(results):
    loads = [(f"{load}: {value['queues']:,} queues, {value['jobs']:,} jobs", f"{scheduling_loads.KUEUE[load]['published']:,} s", f"{scheduling_loads.KUEUE[load]['ideal']} s",
              spread_text(value["seconds"], lambda s: f"{s:.1f} s"), f"{value['core_seconds']:.1f} s",
              f"{scheduling_loads.KUEUE[load]['published'] / value['seconds']['median']:.1f}") for load, value in results["kueue"].items()]
    rows = [(row["name"], f"{row['nodes']:,}", f"{row['waiting']:,}", f"{row['decisions']:,}", f"{ms(row['seconds']['median'] * 1e3)} ms", rate(row["per_second"]["median"]))
            for row in results["clusters"]]
    return f"""## Scheduling

Kueue's own load test, replayed in real time: the same queues, cohorts, quotas, priorities and arrivals go through the whole
scheduler with every change flushed to disk (`bench/kueue/kueue_load.cpp`). As in Kueue's test nobody really runs the jobs; each is
ended when its time is over. A queue is a group with a pool of 20 GPUs, which may borrow 100 of its cohort. Run times are declared;
reclaiming is off. Kueue's figures are those it publishes, from its own machines and with Kubernetes' API server behind it.

""" + table(["load", "Kueue", "no overhead", "Pintle: median (min–max)", "of which core and disk", "times as fast"], loads) + """
The scheduler alone, on large simulated clusters of 8 GPUs per node (`bench/scheduling/scheduling_bench.cpp`), in processor time of
one core. A decision is a job that was started, reclaimed, or found unable to start.

""" + table(["", "nodes", "waiting", "decisions", "time", "per second"], rows)


def program_kb(loaded):
    """What the server sent of the interface itself, compressed: scripts, styles, the page."""
    return sum(size for kind, size in loaded["bytes"].items() if kind not in ("Fetch", "XHR", "EventSource", "all")) / 1000


def loading_rows(name, loaded):
    return [(f"{name}: first contentful paint", f"{spread_text(loaded['first_contentful_paint'], ms)} ms"),
            (f"{name}: what it is about is painted", f"{spread_text(loaded['painted'], ms)} ms"),
            (f"{name}: sent for it", f"{loaded['bytes']['all'] / 1000:.0f} kB, of which the program {program_kb(loaded):.0f} kB")]


def webui_rows(results):
    """Rows of: what, how much."""
    web = results["webui"]
    rows = loading_rows("Home, nothing in the browser's cache", web["home"])
    rows += loading_rows(f"List of {web['jobs_stored']:,} jobs, nothing in the cache", web["jobs"])
    rows += [(f"From {name}", f"{spread_text(taken, ms)} ms; the very first time {ms(taken['first'])} ms") for name, taken in web["navigation"].items()]
    scroll, storm = web["scroll"], web["storm"]
    rows += [
        ("Filtering the list by a text, from the last key (200 ms of it waits for more keys)", f"{spread_text(web['search']['filter'], ms)} ms"),
        ("Sorting the list by another column", f"{spread_text(web['search']['sort'], ms)} ms"),
        (f"Frames while the wheel scrolls through {scroll['rows']:,} rows ({scroll['seconds']:.0f} s)",
         f"median {ms(scroll['median'])} ms, p95 {ms(scroll['p95'])} ms, longest {ms(scroll['max'])} ms"),
        (f"Log of {web['log']['lines']:,} lines, nothing in the cache: its last line is painted", f"{spread_text(web['log']['opened'], ms)} ms"),
        ("Jump to a line far from what was read", f"{spread_text(web['log']['jump'], ms)} ms"),
        (f"Frames of the list while {storm['jobs']:,} jobs come and end in {storm['seconds']:.0f} s",
         f"median {ms(storm['frame_median'])} ms, p95 {ms(storm['frame_p95'])} ms; tasks above 50 ms: {storm['long_tasks']}, the longest {ms(storm['longest_task_ms'])} ms, "
         f"{storm['long_tasks_share'] * 100:.0f} % of the time"),
        ("Requests of the page meanwhile", f"{storm['requests']:,}"),
        ("The last of them is shown Complete after its end", f"{ms(storm['shown_after_ms'])} ms"),
        ("Heap of the page before and after them, garbage collected",
         f"{storm['before']['heap_mb']:.1f} MB, {storm['after']['heap_mb']:.1f} MB; {storm['before']['nodes']:,} and {storm['after']['nodes']:,} nodes"),
    ]
    return rows + many_projects_rows(web["many_projects"])


def many_projects_rows(many):
    scroll = many["scroll"]
    return [
        (f"{many['projects']:,} projects, nothing in the cache: the list is painted", f"{spread_text(many['opened']['painted'], ms)} ms"),
        ("… home is painted", f"{spread_text(many['home']['painted'], ms)} ms"),
        ("… filtering the list by a name, from the last key (200 ms of it waits for more keys)", f"{spread_text(many['filtered'], ms)} ms"),
        ("… the search over everything offers a project, from the last key (120 ms of it waits for more keys)", f"{spread_text(many['searched'], ms)} ms"),
        ("… sorting the list by the last change", f"{ms(many['sorted'])} ms"),
        (f"… frames while the wheel scrolls through {scroll['rows']:,} of them ({scroll['seconds']:.0f} s)", f"median {ms(scroll['median'])} ms, p95 {ms(scroll['p95'])} ms, longest {ms(scroll['max'])} ms"),
        ("… requests of the list, scrolled to its end, for 10 changes in 5 s", f"{many['requests_after_changes']}"),
    ]


def webui_section(results):
    web = results["webui"]
    return f"""## The web interface

Chromium {web['chromium']} without a window, at 1280 × 720, beside the server on the same cores. Times run from the click or the key, or
from the begin of the load, to the second frame after what was asked for is in the page: when it is on the screen. Medians
of {results['sizes']['web_runs']}; in between pages keep what they had read. The list reads 200 jobs at first and 500 at a time as one scrolls. The server
has {web['server_rss_mb']:.0f} MB (RSS) at the end.

""" + table(["", ""], webui_rows(results))


def notebook_rows(results):
    """Rows of: what, through the server, without it, ratio."""
    names = {"cell": "An empty cell is executed: from sending it to its answer and the kernel's being idle again",
             "request": "A small request on a connection of its own (`/api/status`)"}
    rows = []
    for key, name in names.items():
        one = results["notebook"][key]
        rows.append((name, *(f"{one[way]['median_ms']:.2f} ms (p99 {one[way]['p99']:.2f})" for way in ("through", "direct")), f"{one['ratio']:.2f}"))
    return rows


def notebook_section(results):
    cell = results["notebook"]["cell"]["through"]
    return f"""## A notebook through the server

A real Jupyter with a real kernel, called through the server as browsers call it, and directly at its own port, in turns.
Medians of {cell['count']} executed cells over one WebSocket each, and of {results['notebook']['request']['through']['count']} requests.

""" + table(["", "through the server", "directly", "ratio of the medians"], notebook_rows(results))


SECTIONS = {"rates": rates_section, "latency": latency_section, "full": lambda results: "\n".join(part(results) for part in (flat_section, memory_section, pages_section)),
            "logs": logs_section, "kueue": scheduling_section, "webui": webui_section, "notebook": notebook_section,
            "sources": source_report.sources_section, "containers": source_report.containers_section}


def write(results, path):
    on = results["machine"]
    notes = NOTES.read_text() if NOTES.exists() and "rates" in results else ""
    sections = "\n".join(section(results) for part, section in SECTIONS.items() if part in results)
    text = f"""# Benchmarks

Written by `{results['command']}` on {results['date']}, Pintle {results['version']}; every figure comes from that run. Run it yourself: it
installs the programs it compares with, starts everything on loopback in a folder of its own, and takes about
{results['minutes']:.0f} minutes.

- Machine: {on['cpu']}, {on['cores']} cores, {on['memory_gib']} GiB of memory, Linux {on['kernel']}, {'no virtualisation' if on['virtual'] == 'none' else 'virtualised'}, files on {on['file_system']}.
- Beside it: {', '.join(f'{name} {version}' for name, version in results['versions'].items())}.
- Load average when it began: {results['load_before']:.2f}; at the end: {results['load_after']:.2f}. {results['noise']}
- Figures are medians of several runs, with the smallest and largest in parentheses. Clients and measured programs share the cores.

## Targets

{table(["", "target", "measured", ""], targets(results))}
{notes}
{sections}"""
    pathlib.Path(path).write_text(text.rstrip() + "\n")
