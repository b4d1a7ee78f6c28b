"""A small client of Pintle's HTTP API for programs that run in a task. Needs the standard library alone.

Pintle gives each replica PINTLE_URL, PINTLE_TOKEN (good for its own project) and PINTLE_JOB_ID. The server may be
restarted while a job runs, so every call is repeated for a while before it counts as failed.
"""

import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

FINAL_STATES = ("Complete", "Error", "Stopped")
CALL_TIMEOUT_S = 15
LONG_POLL_S = 30
AWAY = (429, 502, 503, 504)
MAX_ANSWER_BYTES = 4 * 1024 * 1024


class PintleError(Exception):
    """The server refused a call, or could not be reached for too long. Its text is the whole message."""


class Client:
    def __init__(self, url, token, patience_s=60):
        scheme = urllib.parse.urlsplit(url).scheme
        if scheme not in ("http", "https"):
            raise PintleError(f"PINTLE_URL must begin with http:// or https://, but is {url!r}.")
        self.url = url.rstrip("/")
        self.token = token
        self.patience_s = patience_s

    def start(self, project, task, key):
        """Starts a job. The same key starts it only once, however often it is sent."""
        path = f"/api/v1/projects/{quote(project)}/tasks/{quote(task)}/jobs"
        return expect_job(self._call("POST", path, {}, {"Idempotency-Key": key}))

    def job(self, job_id):
        return expect_job(self._call("GET", f"/api/v1/jobs/{quote(job_id)}"))

    def changed_job(self, job_id, revision):
        """The job as soon as it is newer than `revision`, or as it is after half a minute."""
        query = urllib.parse.urlencode({"wait": f"{LONG_POLL_S}s", "after": revision})
        return expect_job(self._call("GET", f"/api/v1/jobs/{quote(job_id)}?{query}", timeout_s=LONG_POLL_S + 15))

    def wait(self, job_id, timeout_s, on_news=lambda job: None):
        """Follows a job until it ends; on_news sees the job each time it is looked at."""
        deadline = time.monotonic() + timeout_s
        job = self.job(job_id)
        while True:
            on_news(job)
            if job["state"] in FINAL_STATES:
                return job
            asked = time.monotonic()
            if asked >= deadline:
                raise PintleError(f"{job.get('name', job_id)} is still {job['state']} after {timeout_s:g} s.")
            newer = self.changed_job(job_id, job.get("revision", 0))
            if newer.get("revision") == job.get("revision") and time.monotonic() - asked < 1:
                time.sleep(1)  # whatever stands between did not hold the call: do not hammer the server
            job = newer

    def set_properties(self, job_id, properties):
        self._call("POST", f"/api/v1/jobs/{quote(job_id)}/properties", properties)

    def _call(self, method, path, body=None, headers=None, timeout_s=CALL_TIMEOUT_S):
        deadline = time.monotonic() + self.patience_s
        pause = 0.2
        while True:
            try:
                return self._call_once(method, path, body, headers or {}, timeout_s)
            except urllib.error.HTTPError as error:
                trouble = f"{method} {path}: {refusal(error)}"
                if error.code not in AWAY:
                    raise PintleError(trouble) from None
            except (OSError, http.client.HTTPException) as error:
                cause = getattr(error, "reason", None) or error
                trouble = f"{method} {self.url}{path}: {str(cause) or type(cause).__name__}"
            if time.monotonic() + pause > deadline:
                raise PintleError(f"{trouble} (tried for {self.patience_s:g} s)")
            time.sleep(pause)
            pause = min(2 * pause, 3.0)

    def _call_once(self, method, path, body, headers, timeout_s):
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json", **headers}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:
            content = answer.read(MAX_ANSWER_BYTES + 1)
        if len(content) > MAX_ANSWER_BYTES:
            raise PintleError(f"{method} {path}: the answer is longer than {MAX_ANSWER_BYTES} bytes.")
        try:
            return json.loads(content) if content.strip() else None
        except ValueError:
            raise PintleError(f"{method} {path}: the answer is not JSON. "
                              "Is PINTLE_URL the address of Pintle?") from None


def quote(name):
    return urllib.parse.quote(str(name), safe="")


def expect_job(answer):
    if not isinstance(answer, dict) or not answer.get("id") or not isinstance(answer.get("state"), str):
        raise PintleError("the server's answer is not a job. Is PINTLE_URL the address of Pintle?")
    return answer


def refusal(error):
    """What the server says in {"message": ...}, else its status."""
    try:
        answer = json.loads(error.read(65536))
        message = answer.get("message") or answer["error"]["message"]
        return f"{message} (HTTP {error.code})"
    except (ValueError, KeyError, TypeError, AttributeError, OSError, http.client.HTTPException):
        return f"HTTP {error.code} {error.reason}"


def from_environment(patience_s=60):
    """A client for the server that runs this task; None when it was started by hand."""
    url = os.environ.get("PINTLE_URL", "").strip()
    return Client(url, os.environ.get("PINTLE_TOKEN", "").strip(), patience_s) if url else None


def report(properties, patience_s=20):
    """Shows properties at the own job. Work that is done stays done: trouble here is a warning, nothing more."""
    try:
        client = from_environment(patience_s)
        job_id = os.environ.get("PINTLE_JOB_ID", "").strip()
        if client and job_id:
            client.set_properties(job_id, properties)
    except Exception as error:
        print(f"warning: the properties were not reported: {error}", file=sys.stderr, flush=True)
