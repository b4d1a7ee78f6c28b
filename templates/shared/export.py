"""Packs the newest model with its predict.py, and checks in a new process that both say what is expected."""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pintle_client
from common import Failure, at_least, folder_setting, run, say
from tables import read_table

CHECK_TIMEOUT_S = 120


def choose_build(training, wanted):
    builds = sorted(int(folder.name) for folder in training.iterdir() if folder.name.isdigit() and (folder / "model.json").is_file())
    if wanted is not None and wanted not in builds:
        raise Failure(f"there is no model of build {wanted} in {training}; there are {builds or 'none'}.")
    if not builds:
        raise Failure(f"there is no model in {training}. Run a training first.")
    return builds[-1] if wanted is None else wanted


def predictions_of(folder, table):
    command = [sys.executable, "-I", str(folder / "predict.py"), str(table)]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=CHECK_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        raise Failure(f"the exported predict.py did not finish within {CHECK_TIMEOUT_S} s.") from None
    if result.returncode != 0:
        raise Failure(f"the exported predict.py does not run: {result.stderr.strip()[-500:]}")
    return result.stdout.split("\n")[:-1]


def measure(metric, predictions, labels):
    if len(predictions) != len(labels):
        raise Failure(f"{len(labels)} rows gave {len(predictions)} predictions.")
    if metric == "accuracy":
        return sum(a == b for a, b in zip(predictions, labels)) / len(labels)
    return math.sqrt(sum((float(a) - float(b)) ** 2 for a, b in zip(predictions, labels)) / len(labels))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--metric", choices=("accuracy", "rmse"), default="accuracy")
    arguments.add_argument("--build", type=at_least(0), help="the build to export; without it, the newest one")
    options = arguments.parse_args()

    data, training = folder_setting("DATA_DIR"), folder_setting("TRAINING_DIR")
    build = choose_build(training, options.build)
    model = json.loads((training / str(build) / "model.json").read_text())
    say(f"exporting build {build}")
    new, final = training / f".export-{os.getpid()}", training / "export"
    try:
        new.mkdir()
        shutil.copy(training / str(build) / "model.json", new / "model.json")
        shutil.copy(Path(__file__).with_name("predict.py"), new / "predict.py")
        _, rows = read_table(data / "test.csv")
        measured = measure(options.metric, predictions_of(new, data / "test.csv"), [row[-1] for row in rows])
        if abs(measured - model[options.metric]) > 1e-6:
            raise Failure(f"the export has {options.metric}={measured:.6f}, the training measured {model[options.metric]:.6f}. "
                          "Was the data prepared anew since then? Nothing was exported.")
        shutil.rmtree(final, ignore_errors=True)
        os.rename(new, final)
    except OSError as error:
        raise Failure(f"cannot export to {final}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    say(f"checked on {len(rows)} rows: {options.metric}={measured:.4f}")
    say(f"exported to {final}")
    pintle_client.report({options.metric: round(measured, 6), "build": build, "export_path": "$TRAINING_DIR/export"})


if __name__ == "__main__":
    run(main)
