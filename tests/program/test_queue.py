"""The queue as its users meet it: jobs that wait for declared GPUs, why, until when, and what changes that."""
import json

import pytest

from conftest import Failed, until

TWO_GPUS = "node: {gpus: [{model: A100, count: 2, memory: 40Gi}]}\n"

PROJECT = json.dumps({
    "name": "vision",
    "tasks": [
        {"name": "train", "run_time": "1h", "resources": [{"name": "worker", "gpus": 2, "command": "echo GPUs=$GPU_COUNT; sleep 600"}]},
        {"name": "brief", "resources": [{"name": "worker", "gpus": 1, "command": "echo GPUs=$GPU_COUNT"}]},
    ],
})


@pytest.fixture
def lab(make_server):
    server = make_server(config=TWO_GPUS).start()
    server.create(PROJECT)
    return server


def running(lab, **body):
    return lab.wait(lab.submit("vision", "train", **body), ("Running",))


def names_in_queue(lab):
    return [entry["name"] for entry in lab.request("GET", "/queue")["items"]]


def test_a_waiting_job_is_explained_and_an_ended_one_names_whom_it_waited_for(lab):
    first = running(lab)
    second = lab.submit("vision", "brief")
    lab.wait(second, ("Waiting for GPUs",))
    told = lab.cli("explain", second["name"])
    assert told.startswith("vision/brief:2 is waiting for 1 GPU in the Default Pool, position 1 of 1, for ")
    assert "It waits for vision/train:1 (2 GPUs, ends in" in told
    assert "Forecast: in" in told
    assert "starts in" in lab.cli("jobs")
    lab.cli("job", "stop", first["name"], "--wait")
    assert lab.wait(second)["state"] == "Complete"
    assert "It could start when vision/train:1 (2 GPUs) ended." in lab.cli("explain", second["name"])


def test_a_dry_run_tells_what_would_become_of_a_job_and_makes_none(lab):
    assert lab.cli("run", "vision/train", "--dry-run").startswith("would start now on ")
    running(lab, gpus=1)
    told = lab.cli("run", "vision/train", "--dry-run")
    assert "position 1" in told and "with 1 GPU" in told
    assert lab.cli("run", "vision/train", "--gpus", 1, "--dry-run", "-q") == "now\n"
    with pytest.raises(Failed) as refused:
        lab.cli("run", "vision/train", "--gpus", 3, "--dry-run")
    assert refused.value.code == 2
    assert "vision/train can never run here: it asks for 3 GPUs and the Default Pool has 2" in refused.value.text
    assert len(lab.request("GET", "/jobs")["items"]) == 1


def test_a_job_that_starts_now_gets_the_gpus_that_are_free_and_is_told_how_many(lab):
    running(lab, gpus=1)
    lab.cli("run", "vision/train", "--now")
    job = lab.wait({"id": "vision%2Ftrain:2", "name": "vision/train:2"}, ("Running",))
    assert (job["gpus"], job["gpus_held"]) == (2, 1)
    until("the program has written", lambda: "GPUs=1" in lab.log_of(job, "worker-0"))


def test_an_operator_changes_the_order_and_everybody_may_hold_their_own(lab):
    running(lab)
    for _ in range(3):
        lab.submit("vision", "brief")
    assert names_in_queue(lab) == ["vision/brief:2", "vision/brief:3", "vision/brief:4"]
    lab.cli("queue", "move", "vision/brief:4", "--first")
    lab.cli("job", "priority", "vision/brief:3", 50)
    assert names_in_queue(lab) == ["vision/brief:3", "vision/brief:4", "vision/brief:2"]
    assert lab.cli("queue", "-q").split() == names_in_queue(lab)
    assert "held: no data yet" in lab.cli("job", "hold", "vision/brief:3", "no data yet")
    assert "no data yet" in lab.cli("explain", "vision/brief:3")
    lab.cli("job", "stop", "vision/train:1", "--wait")
    for build in (2, 4):
        assert lab.wait({"id": f"vision%2Fbrief:{build}", "name": f"vision/brief:{build}"})["state"] == "Complete"
    assert names_in_queue(lab) == ["vision/brief:3"]
    lab.cli("job", "release", "vision/brief:3")
    job = lab.wait({"id": "vision%2Fbrief:3", "name": "vision/brief:3"})
    assert job["state"] == "Complete"
    assert "It was held by" in lab.cli("explain", "vision/brief:3")
