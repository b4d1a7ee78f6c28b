"""Prints the closing table of quickstart: one line per job, from the server's own answers.

Usage: job_table.py PINTLE JOB…
"""
import json
import subprocess
import sys


def clock(milliseconds):
    seconds = round((milliseconds or 0) / 1000)
    return f"{seconds // 60}:{seconds % 60:02d}"


def note(job):
    """What is special about the job, in a few words."""
    checked = job["properties"].get("checked_against_build")
    if checked is not None:
        return f"checked against build {checked:g}" if isinstance(checked, (int, float)) else f"checked against build {checked}"
    counts = {}
    for replica in job["replicas"]:
        counts[replica["resource"]] = counts.get(replica["resource"], 0) + 1
    if len(counts) > 1:
        return " + ".join(name if count == 1 else f"{count} × {name}" for name, count in counts.items())
    return ""


def main():
    pintle, names = sys.argv[1], sys.argv[2:]
    rows = [("task", "build", "status", "time", "accuracy", "")]
    for name in names:
        job = json.loads(subprocess.run([pintle, "job", "show", name, "-o", "json"], check=True, capture_output=True, text=True).stdout)
        accuracy = job["properties"].get("accuracy")
        rows.append((job["task"], str(job["build"]), job["state"], clock(job["duration_ms"]), f"{accuracy:.3f}" if accuracy is not None else "", note(job)))
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    for row in rows:
        cells = [cell.rjust(width) if i in (1, 3, 4) else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())
    return 0 if all(row[2] == "Complete" for row in rows[1:]) else 1


if __name__ == "__main__":
    sys.exit(main())
