"""Storing and reading samples, beside Prometheus of the Debian package (apt-get install prometheus).

    cmake --preset release && cmake --build build/release --target series_bench
    bench/metrics.py [--days 7] [--replicas 8] [--runs 5] [--without-prometheus]

Both store the same samples: six metrics of each replica every ten seconds, rounded as Pintle rounds what it measures.
Pintle answers least, mean and most of every series for 1,000 points at once; Prometheus is asked for the mean alone,
with one query for each metric, because its functions drop a metric's name."""
import argparse
import json
import pathlib
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
BENCH = ROOT / "build/release/src/series/series_bench"
METRICS = ("cpu_percent", "memory_mb", "gpu_percent", "gpu_memory_mb", "gpu_power_w", "gpu_temperature_c")
START = 1767225600


def bytes_in(folder):
    return sum(file.stat().st_size for file in pathlib.Path(folder).rglob("*") if file.is_file())


def child_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def pintle(folder, *options):
    shutil.rmtree(folder, ignore_errors=True)
    return json.loads(subprocess.run([BENCH, folder, *map(str, options)], check=True, capture_output=True, text=True).stdout)


def prometheus_ingest(folder):
    """Samples a processor second of Prometheus' own benchmark, which appends to its head and its log."""
    series = folder / "series.json"
    lines = [json.dumps({"__name__": METRICS[i % 6], "job": "train:1", "replica": f"worker-{i // 6}"}) for i in range(1000)]
    series.write_text("\n".join(lines) + "\n")
    before = child_cpu()
    begin = time.monotonic()
    scrapes = 3000
    subprocess.run(["promtool", "tsdb", "bench", "write", "--metrics=1000", f"--scrapes={scrapes}", f"--out={folder / 'benchout'}", series],
                   check=True, capture_output=True)
    seconds = time.monotonic() - begin
    return {"per_cpu_s": 1000 * scrapes / (child_cpu() - before), "per_s": 1000 * scrapes / seconds}


class Prometheus:
    def __init__(self, data):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{listener.getsockname()[1]}"
        config = pathlib.Path(data).parent / "prometheus.yml"
        config.write_text("scrape_configs: []\n")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={data}", f"--web.listen-address={self.address}",
             "--storage.tsdb.retention.time=100y", "--log.level=error"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=2).read()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("prometheus did not start")

    def means(self, seconds, step):
        """The time of one round of queries, and how many points they gave."""
        points = 0
        begin = time.monotonic()
        for metric in METRICS:
            query = urllib.parse.urlencode({"query": f'avg_over_time({metric}{{job="train:1"}}[{step}s])', "start": START + step,
                                            "end": START + seconds, "step": f"{step}s"})
            with urllib.request.urlopen(f"http://{self.address}/api/v1/query_range?{query}", timeout=300) as answer:
                text = answer.read()
            points += sum(len(series["values"]) for series in json.loads(text)["data"]["result"]) if points == 0 else 0
        return (time.monotonic() - begin) * 1000, points

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def beside_prometheus(folder, openmetrics, args, samples):
    data = folder / "prometheus"
    subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", openmetrics, data], check=True, capture_output=True)
    chunks = sum(bytes_in(path) for path in data.glob("*/chunks"))
    found = {"bytes_per_sample": bytes_in(data) / samples, "chunk_bytes_per_sample": chunks / samples}
    server = Prometheus(data)
    try:
        seconds = args.days * 86400
        step = max(10, -(-seconds // 1000))
        times = [server.means(seconds, step)[0] for _ in range(args.runs)]
        found["read_all_ms"] = statistics.median(times)
    finally:
        server.stop()
    found["ingest"] = prometheus_ingest(folder)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--replicas", type=int, default=8)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--without-prometheus", action="store_true")
    args = parser.parse_args()
    if not BENCH.exists():
        sys.exit(f"{BENCH} is not there; make it with: cmake --build build/release --target series_bench")
    with tempfile.TemporaryDirectory(prefix="pintle-metrics-") as name:
        folder = pathlib.Path(name)
        size = ("--days", args.days, "--replicas", args.replicas)
        runs = [pintle(folder / "pintle", *size) for _ in range(args.runs)]
        own = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        own["memory"] = pintle(folder / "many", "--jobs", 125, "--replicas", 8, "--days", 1)
        found = {"pintle": own}
        if not args.without_prometheus and shutil.which("promtool"):
            openmetrics = folder / "samples.om"
            pintle(folder / "pintle", *size, "--openmetrics", openmetrics)
            found["prometheus"] = beside_prometheus(folder, openmetrics, args, own["samples"])
        print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
