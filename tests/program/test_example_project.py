"""The example project, as quickstart runs it, and its parallel task under a server that is killed."""
import json
import random
import time

import pytest

from conftest import ROOT, until


@pytest.fixture
def digits(server):
    server.cli("project", "create", "-f", ROOT / "examples/digits/pintle.yaml")
    return server


def test_the_workflow_trains_exports_and_checks_a_model(digits):
    job = digits.wait(digits.submit("digits", "workflow"), seconds=400)
    assert job["state"] == "Complete", digits.log_of(job, "tasks-0")
    done = {j["task"]: j for j in digits.request("GET", "/jobs?project=digits")["items"]}
    assert {"prepare-data", "standalone", "parallel", "export", "workflow"} == set(done)
    for task in ("standalone", "parallel", "export"):
        assert done[task]["state"] == "Complete" and done[task]["properties"]["accuracy"] >= 0.95
    assert done["standalone"]["submitted_by"] == "job digits/workflow:1"
    model = digits.data / f"storage/default/org/default/digits/training/{done['standalone']['build']}/model.npz"
    assert model.exists()


def model_of(digits, job):
    """What the job's training saved: the bytes of its parameters, and the accuracy written beside them."""
    folder = digits.data / f"storage/default/org/default/digits/training/{job['build']}"
    return (folder / "model.npz").read_bytes(), json.loads((folder / "model.json").read_text())["accuracy"]


def test_killing_the_server_in_the_middle_of_parallel_changes_nothing_about_its_outcome(digits):
    assert digits.wait(digits.submit("digits", "prepare-data"), seconds=300)["state"] == "Complete"
    quiet = digits.wait(digits.submit("digits", "parallel"), seconds=300)
    assert quiet["state"] == "Complete"
    seed = random.Random(3)
    for _ in range(3):
        job = digits.submit("digits", "parallel")
        until("it trains", lambda: "epoch=" in digits.log_of(job, "worker-0"))
        while True:
            digits.restart()
            state = digits.job(job)
            if state["state"] in ("Complete", "Error", "Stopped"):
                break
            time.sleep(seed.random() * 1.5)
        assert state["state"] == "Complete", (state["reason"], digits.log_of(job, "worker-0"))
        # The report may have fallen into a time without a server, the model on the storage may not.
        assert state["properties"].get("accuracy") in (None, quiet["properties"]["accuracy"])
        assert model_of(digits, state) == model_of(digits, quiet)
        for replica in ("worker-0", "worker-1"):
            epochs = [line.split()[0] for line in digits.log_of(job, replica).splitlines() if line.startswith("epoch=")]
            assert epochs == [f"epoch={i}" for i in range(1, len(epochs) + 1)], "a line is missing or doubled"
