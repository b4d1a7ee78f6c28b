"""Exports a trained model to $TRAINING_DIR/export: model.npz, metadata.json and a predict.py that stands alone.

The export is loaded in a process of its own and checked on the test images before it takes the place of an older one.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

import pintle_client
from common import Failure, at_least, folder_setting, fraction, run, say, warn, write_atomically
from dataset import BRIGHTEST, load_part
from model import METADATA_FILE, load_metadata, load_model, pack, predict

PREDICT = Path(__file__).resolve().parent / "predict.py"
CHECK_TIMEOUT_S = 120


def trained_builds(training):
    """Builds with a whole model, newest first."""
    names = [path.name for path in training.iterdir() if path.name.isascii() and path.name.isdigit()]
    return sorted((int(name) for name in names if (training / name / METADATA_FILE).is_file()), reverse=True)


def choose_build(training, wanted):
    builds = trained_builds(training)
    if wanted is not None:
        if wanted not in builds:
            known = ", ".join(map(str, builds[:10])) or "none"
            raise Failure(f"build {wanted} has no trained model in {training}. Builds with one: {known}.")
        return wanted
    for build in builds:
        if load_metadata(training / str(build)).get("reached_target") is not False:
            return build
        say(f"passing over build {build}: it did not reach its target accuracy")
    raise Failure(f"there is no trained model in {training}. Run the task standalone or parallel first.")


def write_export(folder, parameters, metadata):
    described = {name: metadata[name] for name in ("layers", "shapes", "classes", "accuracy", "created")
                 if name in metadata}
    described.update({"format": 1, "brightest": BRIGHTEST, "exported_from_build": metadata.get("build")})
    write_atomically(folder / "model.npz", pack(parameters))
    write_atomically(folder / "metadata.json", (json.dumps(described, indent=2) + "\n").encode())
    shutil.copyfile(PREDICT, folder / "predict.py")


def predictions_of(folder, images_file):
    """What the export says about the test images, run as anybody would who received it."""
    # Without -B it would leave compiled files in the export.
    command = [sys.executable, "-B", str(folder / "predict.py"), str(images_file)]
    try:
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=CHECK_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise Failure(f"the exported predict.py did not finish within {CHECK_TIMEOUT_S} s.") from None
    if result.returncode != 0:
        raise Failure(f"the exported predict.py does not run: {result.stderr.strip()[-500:]}")
    return np.array([int(line) for line in result.stdout.split()])


def check(folder, parameters, data, target):
    """The accuracy of the export, which must say what the model it came from says."""
    test = load_part(data, "test")
    exported, expected = predictions_of(folder, data / "test.npz"), predict(parameters, test.images)
    if exported.shape != expected.shape or (exported != expected).any():
        raise Failure("the exported model and the trained one do not agree on the test images. Nothing was exported.")
    measured = float((exported == test.labels).mean())
    say(f"checked on {len(test)} images: all predictions equal, accuracy={measured:.4f}")
    if measured < target:
        raise Failure(f"the accuracy {measured:.4f} is below {target:g}. Nothing was exported; train again.")
    return measured


def put_in_place(new, final):
    old = final.with_name(f".old-{new.name.lstrip('.')}")
    if final.exists():
        os.rename(final, old)
    os.rename(new, final)
    shutil.rmtree(old, ignore_errors=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--build", type=at_least(0), help="the build to export; without it, the newest one")
    arguments.add_argument("--target-accuracy", type=fraction, default=0.95)
    options = arguments.parse_args()

    data, training = folder_setting("DATA_DIR"), folder_setting("TRAINING_DIR")
    build = choose_build(training, options.build)
    parameters, metadata = load_model(training / str(build))
    say(f"exporting build {build}, trained by {metadata.get('task') or 'hand'}")

    new, final = training / f".export-{os.environ.get('BUILD_ID', '')}-{os.getpid()}", training / "export"
    try:
        new.mkdir()
        write_export(new, parameters, metadata)
        measured = check(new, parameters, data, options.target_accuracy)
        put_in_place(new, final)
    except OSError as error:
        raise Failure(f"cannot export to {final}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    say(f"exported to {final}: {', '.join(sorted(path.name for path in final.iterdir()))}")
    if abs(measured - metadata["accuracy"]) > 1e-9:
        warn(f"the training measured {metadata['accuracy']:.4f}: the data was prepared anew since then")
    pintle_client.report({"accuracy": round(measured, 6), "checked_against_build": build,
                          "export_path": "$TRAINING_DIR/export"})


if __name__ == "__main__":
    run(main)
