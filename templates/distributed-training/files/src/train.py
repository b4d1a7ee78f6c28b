"""Trains in one process what the workers train together, to compare with."""

import argparse
import random

from common import at_least, folder_setting, number_setting, run, say
from saving import finish
from softmax import load, loss_and_gradient, stepped, zeros


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--steps", type=at_least(1), default=200)
    arguments.add_argument("--batch", type=at_least(1), default=128)
    arguments.add_argument("--learning-rate", type=at_least(0.0, float), default=0.5)
    arguments.add_argument("--seed", type=at_least(0), default=1)
    options = arguments.parse_args()

    data, training, build = folder_setting("DATA_DIR"), folder_setting("TRAINING_DIR"), number_setting("BUILD_ID")
    columns, rows, labels = load(data / "train.csv")
    classes = sorted(set(labels))
    numbers = [classes.index(label) for label in labels]
    random_, weights = random.Random(options.seed), zeros(len(classes), len(columns))
    for step in range(1, options.steps + 1):
        batch = random_.choices(range(len(rows)), k=options.batch)
        loss, gradient = loss_and_gradient(weights, [rows[i] for i in batch], [numbers[i] for i in batch])
        weights = stepped(weights, gradient, options.learning_rate)
        if step % 20 == 0:
            say(f"step={step} loss={loss:.4f}")
    finish(training / str(build), data / "test.csv", columns, classes, weights, {"workers": 1, "steps": options.steps})


if __name__ == "__main__":
    run(main)
