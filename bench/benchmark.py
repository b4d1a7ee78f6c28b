"""Pintle beside its peers, in one run. Started by bench/run, which sees to the packages and the build."""
import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import containers
import measures
import notebook_trips
import peers
import report
import scheduling_loads
import source_report
import sources
import webui
from timing import Failed

ROOT = pathlib.Path(__file__).resolve().parents[1]
PARTS = ("rates", "latency", "full", "logs", "scheduling", "webui", "notebook", "sources", "containers")
WITH_PEERS = ("rates", "latency")


@dataclasses.dataclass
class Sizes:
    """How much is done of everything."""
    slots: int = 32
    connections: int = 8
    submitters: int = 4
    jobs: int = 2000
    runs: int = 5
    slurm_jobs: int = 300
    slurm_runs: int = 3
    latencies: int = 300
    slurm_latencies: int = 40
    flat_jobs: int = 50_000
    flat_seconds: int = 300
    stored_jobs: int = 100_000
    starts: int = 5
    pages: int = 500
    log_bytes: int = 10**9
    tiny_log_bytes: int = 10**8
    log_runs: int = 3
    scheduler_runs: int = 5
    kueue_runs: dict = dataclasses.field(default_factory=lambda: {"small": 3, "large": 3})
    web_runs: int = 5
    web_rows: int = 20_000
    web_log_lines: int = 1_000_000
    web_storm_seconds: int = 60
    notebook_turns: int = 25
    source_starts: int = 40
    git_runs: int = 5
    read_bytes: int = 512 * 10**6
    read_runs: int = 7
    container_runs: int = 15
    web_projects: int = 10_000


QUICK = Sizes(jobs=500, runs=3, slurm_jobs=60, slurm_runs=1, latencies=100, slurm_latencies=5, flat_jobs=5000, flat_seconds=60, pages=100,
              log_bytes=10**8, tiny_log_bytes=10**7, log_runs=1, scheduler_runs=3, kueue_runs={"small": 1, "large": 3}, web_runs=3, web_rows=5000,
              web_storm_seconds=15, notebook_turns=5, source_starts=11, git_runs=3, read_bytes=128 * 10**6, read_runs=3, container_runs=5)


def say(text=""):
    print(text, flush=True)


def measure(bench, parts, results):
    if "rates" in parts:
        say("Jobs per second")
        results["rates"] = measures.jobs_per_second(bench)
        ours = results["rates"]["pintle"]["median"]
        say("  Pintle does " + ", ".join(f"{ours / value['median']:.2f} × {key}" for key, value in results["rates"].items()
                                         if key in report.PEERS and key != "pintle"))
    if "latency" in parts:
        say("From submission to running")
        results["latency"] = measures.start_latency(bench)
    if "full" in parts:
        results["full"] = measures.full_folder(bench)
    if "logs" in parts:
        say("Logs")
        results["logs"] = measures.log_throughput(bench)
    if "scheduling" in parts:
        say("Scheduling")
        loads = ROOT / "build/release/bench"
        results["kueue"] = scheduling_loads.kueue(bench, loads / "kueue/kueue_load")
        results["clusters"] = scheduling_loads.clusters(bench, loads / "scheduling/scheduling_bench")
    if "webui" in parts:
        say("The web interface")
        results["webui"] = webui.browser(bench)
        say_rows(report.webui_rows(results))
    if "notebook" in parts:
        say("A notebook through the server")
        results["notebook"] = notebook_trips.round_trips(bench)
        say_rows(report.notebook_rows(results))
    if "sources" in parts:
        say("Sources")
        results["sources"] = sources.measure(bench)
        say_rows(source_report.start_rows(results) + source_report.git_rows(results) + source_report.read_rows(results))
    if "containers" in parts:
        say("Containers")
        results["containers"] = containers.starts(bench)
        say_rows(source_report.container_rows(results))


def say_rows(rows):
    for row in rows:
        say("  " + " | ".join(row))


def missing_programs(parts):
    asked = {"webui": webui.missing_programs, "sources": sources.missing_programs, "containers": containers.missing_programs}
    missing = peers.missing_programs() if set(parts) & set(WITH_PEERS) else []
    return missing + [name for part, ask in asked.items() if part in parts for name in ask()]


def remove(folder):
    """Jobs that were under way when the run was interrupted still write their ends; what they write goes as well."""
    for _ in range(50):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)
    say(f"Not everything could be deleted: {folder}")


def noise_note(before, after):
    cores = os.cpu_count()
    if before > 0.3 * cores:
        return "**Other programs were busy when it began, so these figures are noisy.**"
    return "Nothing else was busy when it began."


def parse():
    parser = argparse.ArgumentParser(prog="bench/run", add_help=False)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", choices=PARTS)
    parser.add_argument("--pintle", default=str(ROOT / "build/release/pintle"))
    parser.add_argument("--output", default=None)
    parser.add_argument("--folder", default=None)
    parser.add_argument("--slots", type=int, default=None)
    return parser.parse_args()


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    # SIGTERM ends it as Ctrl-C does: with everything stopped that was started.
    signal.signal(signal.SIGTERM, interrupt)
    options = parse()
    sizes = QUICK if options.quick else Sizes()
    if options.slots:
        sizes.slots = options.slots
    parts = options.only or PARTS
    missing = missing_programs(parts)
    if missing:
        raise Failed(f"these programs are missing: {', '.join(missing)}")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pintle-bench-", dir=options.folder))
    began = time.monotonic()
    try:
        results = {"command": "bench/run" + (" --quick" if options.quick else "") + "".join(f" --only {part}" for part in options.only or []), "date": datetime.date.today().isoformat(), "sizes": dataclasses.asdict(sizes),
                   "machine": report.machine(folder), "versions": report.versions(), "load_before": os.getloadavg()[0]}
        bench = measures.Bench(options.pintle, folder, sizes, say)
        results["version"] = measures.version(bench)
        measure(bench, parts, results)
    finally:
        remove(folder)
    results["load_after"] = os.getloadavg()[0]
    results["noise"] = noise_note(results["load_before"], results["load_after"])
    results["minutes"] = (time.monotonic() - began) / 60
    raw = ROOT / "build" / "bench-results.json"
    raw.parent.mkdir(exist_ok=True)
    raw.write_text(json.dumps(results, indent=1) + "\n")
    say(f"Raw numbers: {raw.relative_to(ROOT)}")
    if set(parts) != set(PARTS) and not options.output:
        say("Only a part was measured, so no document was written.")
        return
    for what, target, measured, result in report.targets(results):
        say(f"  {what}: {measured} (target {target}) — {result.replace('*', '')}")
    output = pathlib.Path(options.output or (ROOT / "build/benchmarks-quick.md" if options.quick else ROOT / "docs/benchmarks.md"))
    report.write(results, output)
    say(f"Written: {output}")


if __name__ == "__main__":
    try:
        main()
    except (Failed, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"bench/run: {error}")
    except KeyboardInterrupt:
        sys.exit("bench/run: interrupted; everything that was started is stopped")
