"""What is measured of jobs and machines, what programs report, and how both are read."""
import json
import shutil
import subprocess
import urllib.error
import urllib.request

import pytest

from conftest import Failed, one_task, until


def metric(server, job, name):
    """The one curve of that name, or nothing while there is none."""
    for each in server.request("GET", f"/jobs/{job['id']}/metrics")["metrics"]:
        if each["name"] == name and each["curves"]:
            assert len(each["curves"]) == 1
            return {**each, **each["curves"][0]}
    return None


def samples(server, job, name, least=1):
    def probe():
        found = metric(server, job, name)
        return found if found and sum(found["count"]) >= least else None

    return until(f"{least} samples of {name}", probe)


WAYS = r"""
import json, os, urllib.request
import pintle
pintle.log(loss=0.5, step=1)
pintle.log({"loss": 0.25}, step=2)
with open(os.environ["PINTLE_METRICS_FILE"], "a") as file:
    file.write(json.dumps({"by_hand": 7, "odd": float("inf")}) + "\n")
    file.write("nonsense\n" + "x" * 200000 + "\n")
    file.write(json.dumps({"by_hand": 9}))
body = json.dumps({"points": [{"values": {"by_api": 4.5}, "step": 6}]}).encode()
request = urllib.request.Request(os.environ["PINTLE_URL"] + "/api/v1/jobs/" + os.environ["PINTLE_JOB_ID"] + "/metrics", body,
    {"Authorization": "Bearer " + os.environ["PINTLE_TOKEN"], "Content-Type": "application/json"})
assert json.load(urllib.request.urlopen(request))["accepted"] == 1
print("step=3 accuracy=0.75\nnot=a value\nlast=1", end="", flush=True)
"""


def test_a_program_reports_by_every_way_and_nothing_is_lost_although_it_ends_at_once(server):
    server.create(one_task("python3 -c \"$PROGRAM\"", env={"PROGRAM": WAYS}))
    job = server.run("p", "t")
    assert job["state"] == "Complete", server.log_of(job, "r-0")
    loss = samples(server, job, "loss", 2)
    assert sum(loss["count"]) == 2 and min(loss["min"]) == 0.25 and max(loss["max"]) == 0.5
    assert loss["reported"] and loss["step"][-1] == 2
    by_hand = samples(server, job, "by_hand", 2)
    assert sum(by_hand["count"]) == 2 and max(by_hand["max"]) == 9
    accuracy = samples(server, job, "accuracy")
    assert accuracy["mean"] == [0.75] and accuracy["step"] == [3]
    assert samples(server, job, "last")["mean"] == [1]
    by_api = samples(server, job, "by_api")
    assert by_api["mean"] == [4.5] and by_api["step"] == [6]
    assert metric(server, job, "not") is None
    until("nothing is left to collect", lambda: not list((server.data / "reported").glob("*/*")))


COUNTING = r"""
import os, time
import pintle
def tell(first):
    for i in range(first, first + 300):
        pintle.log(value=i, step=i)
        print(f"printed={i}", flush=True)
tell(0)
while not os.path.exists(os.environ["GATE"]): time.sleep(0.01)
tell(300)
"""


def test_each_value_is_kept_once_however_often_the_server_is_killed(server, tmp_path):
    gate = tmp_path / "gate"
    tmp_path.chmod(0o755)
    server.create(one_task("python3 -c \"$PROGRAM\"", env={"PROGRAM": COUNTING, "GATE": str(gate)}))
    job = server.submit("p", "t", set={"sample_interval": "1s"})
    samples(server, job, "value", 1)
    server.kill()
    server.start()
    samples(server, job, "printed", 1)
    server.kill()
    gate.write_text("")
    server.start()
    assert server.wait(job)["state"] == "Complete"
    for name in ("value", "printed"):
        assert sum(samples(server, job, name, 600)["count"]) == 600
        assert samples(server, job, name, 600)["max"][-1] == 599


def test_what_a_job_uses_is_sampled_as_often_as_it_asks_and_once_more_at_its_end(server):
    busy = "python3 -c 'import time; data = bytearray(60_000_000); end = time.time() + 4\nwhile time.time() < end: pass'"
    server.create(one_task(busy))
    job = server.submit("p", "t", set={"sample_interval": "1s"})
    assert server.wait(job)["state"] == "Complete"
    cpu = samples(server, job, "cpu_percent", 3)
    assert 20 < max(cpu["max"]) < 130 and not cpu["reported"]
    memory = samples(server, job, "memory_mb", 2)
    assert 60 < max(memory["max"]) < 200
    assert metric(server, job, "gpu_percent") is None
    with pytest.raises(Failed) as refused:
        server.submit("p", "t", set={"sample_interval": "1m"})
    assert "expected a time from 1s to 10s" in refused.value.text


def test_a_short_job_has_a_sample_of_all_that_it_used(server):
    server.create(one_task("python3 -c 'import time; end = time.time() + 1\nwhile time.time() < end: pass'"))
    job = server.run("p", "t")
    assert 20 < samples(server, job, "cpu_percent")["max"][0] < 130


def test_a_rule_of_the_task_takes_values_from_within_lines(server):
    document = json.loads(one_task("echo 'Epoch 3: loss: 0.25 - acc: 0.5'; echo plain=1"))
    document["tasks"][0]["metrics_pattern"] = r"([\w-]+): ([-+.\deE]+)"
    server.create(json.dumps(document))
    job = server.run("p", "t")
    assert samples(server, job, "loss")["mean"] == [0.25]
    assert metric(server, job, "plain") is None


def test_nobody_reports_for_a_job_that_is_not_theirs(server):
    server.create(one_task("true"))
    job, other = server.run("p", "t"), server.run("p", "t")
    point = {"points": [{"values": {"a": 1}}]}
    assert server.request("POST", f"/jobs/{job['id']}/metrics", point) == {"accepted": 1}
    for bad in ({"points": []}, {"points": [{"values": {"a": "x"}}]}, {"points": [{"values": {}}]}, {"points": [{"values": {"a\n": 1}}]},
                {"points": [{"values": {"a": 1}, "time": "soon"}]}, {"points": [{"values": {"a": 1}}], "replica": "../x"}):
        with pytest.raises(Failed) as refused:
            server.request("POST", f"/jobs/{other['id']}/metrics", bad)
        assert refused.value.code == 400 or refused.value.code == 422


def test_metrics_for_prometheus_are_for_operators_and_well_formed(server):
    address = f"http://{server.address}/metrics"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(address, timeout=30)
    assert refused.value.code == 401
    request = urllib.request.Request(address, headers={"Authorization": "Bearer " + server.token})

    def scrape():
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            text = answer.read().decode()
        return text if "pintle_node_memory_used_bytes{" in text else None

    text = until("the machine was measured", scrape)
    assert "process_resident_memory_bytes " in text
    assert 'pintle_jobs{state="Complete"} 0' in text
    assert 'pintle_queue_jobs{pool=' in text
    if shutil.which("promtool"):
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
        # The names of NVIDIA's exporter are not to promtool's taste, and are in the text only where there are GPUs.
        assert checked.returncode == 0, checked.stderr + checked.stdout


def test_metrics_can_be_open_to_all_and_then_name_nothing(make_server):
    server = make_server(config="metrics: {public: true}\n").start()
    text = urllib.request.urlopen(f"http://{server.address}/metrics", timeout=30).read().decode()
    assert "pintle_live_jobs 0" in text
    assert all("Default Pool" in line for line in text.splitlines() if "pool=" in line)
