"""What standalone and parallel training share: the settings, the last test, the saved model."""

import argparse
from dataclasses import dataclass

import numpy as np

import pintle_client
from common import Failure, at_least, folder_setting, fraction, number_setting, say
from dataset import CLASSES, PIXELS, load_manifest, load_part
from model import accuracy, activations, cross_entropy, save_model

LAYERS = [PIXELS, 256, 128, CLASSES]


def parser(description):
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("--epochs", type=at_least(1), default=30)
    arguments.add_argument("--batch", type=at_least(1), default=32, help="images per gradient")
    arguments.add_argument("--copies", type=at_least(1), default=24,
                           help="varied copies of each image in an epoch")
    arguments.add_argument("--learning-rate", type=at_least(0.0, float), default=0.02)
    arguments.add_argument("--momentum", type=fraction, default=0.9)
    arguments.add_argument("--decay", type=at_least(0.0, float), default=0.001, help="how soon the steps get smaller")
    arguments.add_argument("--seed", type=at_least(0), default=1)
    arguments.add_argument("--target-accuracy", type=fraction, default=0.95, help="fail when the test is below it")
    return arguments


@dataclass
class Surroundings:
    """Where a training reads and writes; found before any work is done, so that a mistake shows at once."""

    data: object
    training: object
    build: int

    @classmethod
    def find(cls):
        found = cls(folder_setting("DATA_DIR"), folder_setting("TRAINING_DIR"), number_setting("BUILD_ID"))
        load_manifest(found.data)
        return found


def finish(surroundings, parameters, options, facts):
    """Tests the model on images no training has seen, saves it, reports it; fails below the target."""
    if not all(np.isfinite(values).all() for values in parameters):
        raise Failure("the training ran away: the model holds values that are not finite. Lower --learning-rate.")
    test = load_part(surroundings.data, "test")
    probabilities = activations(parameters, test.images)[-1]
    loss, measured = cross_entropy(probabilities, test.labels), accuracy(parameters, test)
    reached = measured >= options.target_accuracy
    say(f"test_loss={loss:.4f} test_accuracy={measured:.4f} images={len(test)}")

    folder = surroundings.training / str(surroundings.build)
    save_model(folder, parameters, {
        "build": surroundings.build,
        "accuracy": measured,
        "loss": loss,
        "target_accuracy": options.target_accuracy,
        "reached_target": reached,
        "epochs": options.epochs,
        "seed": options.seed,
        "test_images": len(test),
        "data": {name: part["sha256"] for name, part in load_manifest(surroundings.data)["parts"].items()},
        **facts,
    })
    say(f"saved the model in {folder}")
    pintle_client.report({
        "accuracy": round(measured, 6),
        "loss": round(loss, 6),
        "epochs": options.epochs,
        "model_path": f"$TRAINING_DIR/{surroundings.build}",
    })
    if not reached:
        raise Failure(f"the test accuracy {measured:.4f} is below the target {options.target_accuracy:g}. "
                      "Train for more epochs, or lower --target-accuracy.")
