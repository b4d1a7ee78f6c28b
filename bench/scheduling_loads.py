"""The scheduler's loads: Kueue's own, in real time and with durable writes, and large clusters without a clock.

Each returns plain numbers; what they mean is written in report.py."""
import json
import statistics
import subprocess

from timing import Failed, spread

# From Kueue's own description of its performance tests: what its controllers need, and what nothing at all would.
KUEUE = {"small": {"published": 351, "ideal": 66.1, "target": 70}, "large": {"published": 1179, "ideal": 4.1, "target": 15}}
# Name of the measure, nodes, waiting jobs, case of scheduling_bench.
CASES = [(5000, 10_000, "mixed"), (5000, 50_000, "mixed"), (5000, 10_000, "reclaim"), (5000, 50_000, "unplaceable"),
         (5000, 100_000, "unchanged"), (5000, 10_000, "forecast"), (1000, 10_000, "what_if"), (5000, 10_000, "what_if")]


def lines_of(words, folder):
    done = subprocess.run(words, capture_output=True, text=True, cwd=folder)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, words))} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def kueue(bench, program):
    results = {}
    for load in ("small", "large"):
        runs = []
        for i in range(bench.sizes.kueue_runs[load]):
            folder = bench.new_folder(f"kueue-{load}-{i}")
            folder.mkdir()
            runs += lines_of([program, load, "--folder", str(folder)], bench.folder)
            bench.say(f"  Kueue's {load} load: {runs[-1]['seconds']:.1f} s (Kueue {KUEUE[load]['published']} s, no overhead {KUEUE[load]['ideal']} s)")
        results[load] = {"jobs": runs[0]["jobs"], "queues": runs[0]["queues"], "seconds": spread([run["seconds"] for run in runs]),
                         "core_seconds": statistics.median(run["core_seconds"] for run in runs)}
    return results


def clusters(bench, program):
    """Of processor time of one core; medians of several runs."""
    rows = []
    for nodes, waiting, case in CASES:
        runs = [lines_of([program, "--nodes", str(nodes), "--waiting", str(waiting), "--case", case], bench.folder)
                for _ in range(bench.sizes.scheduler_runs)]
        for measures in zip(*runs):
            seconds = spread([measure["seconds"] / max(1, measure["decisions"]) if case == "what_if" else measure["seconds"] for measure in measures])
            rows.append({"case": case, "name": measures[0]["name"], "nodes": nodes, "waiting": waiting, "decisions": measures[0]["decisions"],
                         "seconds": seconds, "per_second": spread([measure["per_second"] for measure in measures])})
        bench.say(f"  {rows[-1]['name']}, {nodes:,} nodes, {waiting:,} waiting: {rows[-1]['seconds']['median'] * 1e3:.2f} ms")
    return rows
