"""Trains with the other workers: each has its share of the points, and the parameter server averages their gradients."""

import argparse
import random

from common import Failure, at_least, folder_setting, number_setting, run, say, setting
from lines import connect, receive, send
from saving import finish
from softmax import load, loss_and_gradient, zeros


class Server:
    """The way to the parameter server; lost connections are made again, and what was asked is asked again."""

    def __init__(self, node, patience_s):
        self._node, self._patience_s = node, patience_s
        self._connection = self._reader = None

    def ask(self, message):
        for _ in range(5):
            try:
                if self._connection is None:
                    self._connection = connect(self._node, self._patience_s)
                    self._connection.settimeout(self._patience_s)
                    self._reader = self._connection.makefile("rb")
                send(self._connection, message)
                answer = receive(self._reader)
            except OSError:
                answer = None
            if answer is not None and "error" in answer:
                raise Failure(f"the parameter server says: {answer['error']}.")
            if answer is not None:
                return answer["step"], answer["weights"]
            say(f"lost the parameter server at {self._node}; connecting again")
            self._connection = None
        raise Failure(f"the parameter server at {self._node} does not answer.")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--steps", type=at_least(1), default=200)
    arguments.add_argument("--batch", type=at_least(1), default=64)
    arguments.add_argument("--seed", type=at_least(0), default=1)
    arguments.add_argument("--patience", type=at_least(0.1, float), default=120, metavar="SECONDS")
    options = arguments.parse_args()

    data, training, build = folder_setting("DATA_DIR"), folder_setting("TRAINING_DIR"), number_setting("BUILD_ID")
    worker, workers = number_setting("REPLICA_INDEX"), len(setting("WORKER_NODES").split(","))
    columns, rows, labels = load(data / "train.csv")
    classes = sorted(set(labels))
    mine = [i for i in range(len(rows)) if i % workers == worker]
    if not mine:
        raise Failure(f"there are {len(rows)} points for {workers} workers; this one has none.")
    numbers = [classes.index(label) for label in labels]
    say(f"worker {worker + 1} of {workers} has {len(mine)} of {len(rows)} points")

    server = Server(setting("PS_NODES").split(",")[0], options.patience)
    step, weights = server.ask({"weights": zeros(len(classes), len(columns))})
    while step < options.steps:
        # The same for a step, however often a worker comes to it.
        batch = random.Random(f"{options.seed} {worker} {step}").choices(mine, k=options.batch)
        loss, gradient = loss_and_gradient(weights, [rows[i] for i in batch], [numbers[i] for i in batch])
        step, weights = server.ask({"worker": worker, "step": step, "gradient": gradient})
        if step % 20 == 0:
            say(f"step={step} loss={loss:.4f}")
    if worker == 0:
        finish(training / str(build), data / "test.csv", columns, classes, weights, {"workers": workers, "steps": step})


if __name__ == "__main__":
    run(main)
