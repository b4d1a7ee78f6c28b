"""Small tools for measuring: waiting, percentiles, medians."""
import statistics
import time


class Failed(Exception):
    """Something did not work; the text is for people."""


def until(what, probe, seconds, pause=0.02):
    """Waits until probe() gives something true and returns it."""
    deadline = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"not within {seconds} s: {what}")
        time.sleep(pause)


def percentile(values, percent):
    """The nearest-rank percentile."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]


def spread(values):
    """Median, smallest and largest of several runs."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "runs": len(values)}


def latency(values_s):
    """Percentiles of latencies in milliseconds."""
    return {"p50": percentile(values_s, 50) * 1e3, "p99": percentile(values_s, 99) * 1e3, "max": max(values_s) * 1e3, "count": len(values_s)}
