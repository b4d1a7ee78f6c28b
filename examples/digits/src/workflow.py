"""Runs the tasks of a project as Pintle jobs, those of a stage together: prepare-data, then the trainings, then export."""

import argparse
import os
import sys
import threading
import time
import uuid

import pintle_client
from common import Failure, at_least, run, say, setting

STAGES = ("prepare-data", "standalone,parallel", "export")


class Result:
    """How one task went. Filled by the thread that follows its job."""

    def __init__(self, task):
        self.task = task
        self.build = ""
        self.state = "not started"
        self.reason = ""
        self.accuracy = None
        self.seconds = None

    @property
    def complete(self):
        return self.state == "Complete"

    def see(self, job):
        news = job["state"] != self.state
        self.build = str(job.get("build", ""))
        self.state = job["state"]
        self.reason = str(job.get("reason") or "")
        accuracy = (job.get("properties") or {}).get("accuracy")
        self.accuracy = accuracy if isinstance(accuracy, (int, float)) else None
        if news:
            say(f"{job.get('name', self.task)}  {self.state}{': ' + self.reason if self.reason else ''}")


def key_for(task):
    """The same key when this job is restarted: a task that was started before is then followed, not started twice."""
    return f"workflow-{os.environ.get('PINTLE_JOB_ID') or uuid.uuid4().hex}-{task}"


def start(client, project, result):
    """The id of the new job, or None when it could not be started."""
    try:
        job = client.start(project, result.task, key_for(result.task))
    except pintle_client.PintleError as error:
        result.state, result.reason = "not started", str(error)
        say(f"{result.task}  not started: {error}")
        return None
    result.see(job)
    return job["id"]


def follow(client, job_id, result, timeout_s):
    began = time.monotonic()
    try:
        client.wait(job_id, timeout_s, result.see)
    except pintle_client.PintleError as error:
        result.state, result.reason = "unknown", str(error)
        say(f"{result.task}  cannot be followed: {error}")
    result.seconds = time.monotonic() - began


def table(results):
    rows = [("task", "build", "state", "time", "accuracy")]
    for result in results:
        accuracy = "" if result.accuracy is None else f"{result.accuracy:.3f}"
        spent = "" if result.seconds is None else "{}:{:02d}".format(*divmod(round(result.seconds), 60))
        rows.append((result.task, result.build, result.state, spent, accuracy))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--stages", nargs="+", default=STAGES, metavar="TASK,TASK…",
                           help="one stage after the other; the tasks of one run together")
    arguments.add_argument("--in-order", action="store_true", help="start one job at a time")
    arguments.add_argument("--timeout", type=at_least(0.01, float), default=30, metavar="MINUTES",
                           help="how long a job may take, its waiting included")
    options = arguments.parse_args()

    project = setting("PROJECT_NAME")
    setting("PINTLE_URL")
    try:
        client = pintle_client.from_environment()
    except pintle_client.PintleError as error:
        raise Failure(str(error)) from error
    stages = [tuple(task for task in stage.split(",") if task) for stage in options.stages]
    if options.in_order:
        stages = [(task,) for stage in stages for task in stage]
    results = [Result(task) for stage in stages for task in stage]
    waiting = list(results)
    for stage in stages:
        current, waiting = waiting[:len(stage)], waiting[len(stage):]
        started = [(result, start(client, project, result)) for result in current]
        threads = [threading.Thread(target=follow, args=(client, job_id, result, options.timeout * 60))
                   for result, job_id in started if job_id]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if not all(result.complete for result in current):
            break

    say("\n" + table(results))
    failed = [result for result in results if not result.complete and result not in waiting]
    for result in failed:
        print(f"error: {result.task} ended as {result.state}{': ' + result.reason if result.reason else ''}",
              file=sys.stderr, flush=True)
    if failed:
        raise Failure(f"{failed[0].task} failed, so the workflow ends here.")
    pintle_client.report({"jobs": len(results), "accuracy": results[-1].accuracy}
                         if results[-1].accuracy is not None else {"jobs": len(results)})


if __name__ == "__main__":
    run(main)
