"""Keeps the parameters: takes a gradient of every worker for each step, averages them, takes the step, answers.

A worker that connects again sends its gradient again; it counts once. The server runs until the job's workers are done.
"""

import argparse
import socket
import threading

from common import at_least, number_setting, run, say, setting
from lines import host_and_port, receive, send
from softmax import stepped


class Parameters:
    def __init__(self, workers, rate):
        self._workers, self._rate = workers, rate
        self._changed = threading.Condition()
        self._weights, self._step, self._gradients = None, 0, {}

    def begin(self, weights):
        """The first worker to come says where to begin; the others get that."""
        with self._changed:
            if self._weights is None:
                self._weights = weights
            return self._answer()

    def push(self, worker, step, gradient, patience_s):
        """What there is after that step, when every worker has given its gradient; None if they do not."""
        with self._changed:
            if step == self._step:
                self._gradients[worker] = gradient
                if len(self._gradients) == self._workers:
                    self._take_step()
            if not self._changed.wait_for(lambda: self._step > step, patience_s):
                return None
            return self._answer()

    def _take_step(self):
        of_all = list(self._gradients.values())
        mean = [[sum(numbers) / len(of_all) for numbers in zip(*classes)] for classes in zip(*of_all)]
        self._weights = stepped(self._weights, mean, self._rate)
        self._step += 1
        self._gradients = {}
        self._changed.notify_all()
        if self._step % 50 == 0:
            say(f"took step {self._step} for {self._workers} workers")

    def _answer(self):
        return {"step": self._step, "weights": self._weights}


def serve(connection, parameters, patience_s):
    with connection, connection.makefile("rb") as reader:
        try:
            while (message := receive(reader)) is not None:
                if "gradient" in message:
                    answer = parameters.push(message["worker"], message["step"], message["gradient"], patience_s)
                else:
                    answer = parameters.begin(message["weights"])
                send(connection, answer or {"error": f"not every worker sent its gradient within {patience_s:g} s"})
        except (OSError, KeyError, TypeError, ValueError) as error:
            say(f"a connection ended: {error}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--learning-rate", type=at_least(0.0, float), default=0.5)
    arguments.add_argument("--patience", type=at_least(0.1, float), default=120, metavar="SECONDS")
    options = arguments.parse_args()

    workers = len(setting("WORKER_NODES").split(","))
    host, port = host_and_port(setting("PS_NODES").split(",")[number_setting("REPLICA_INDEX")])
    parameters = Parameters(workers, options.learning_rate)
    with socket.create_server((socket.gethostbyname(host), port)) as door:
        say(f"serving {workers} workers at {host}:{port}")
        while True:
            connection, _ = door.accept()
            threading.Thread(target=serve, args=(connection, parameters, options.patience), daemon=True).start()


if __name__ == "__main__":
    run(main)
