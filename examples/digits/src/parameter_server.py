"""Keeps the parameters while workers train: collects one gradient per worker, takes a step, hands out the result.

Steps are synchronous: step N is taken when every worker has pushed its gradients of step N, and their pushes are
answered with the parameters of step N+1. A push can be repeated without harm, so a worker whose connection broke
simply connects and pushes again. A server that was itself restarted says it is empty, and worker 0 gives it the
parameters it has. It runs until it is told to stop (SIGTERM).
"""

import argparse
import os
import signal
import socket
import threading
import time

import numpy as np

from common import Failure, at_least, number_setting, run, say
from model import MomentumSgd
from wire import Closed, Kind, Message, WireError, listen, nodes_setting, own_entry, receive, send

IDLE_S = 600
MAX_CONNECTIONS = 64


class Parameters:
    """The parameters and the gradients on their way to the next step. Used by all connections at once."""

    def __init__(self, workers, step_timeout_s):
        self.workers = workers
        self.step_timeout_s = step_timeout_s
        self.steps_taken = 0
        self._changed = threading.Condition()
        self._values = None
        self._optimizer = None
        self._step = 0
        self._gradients = {}

    def answer(self, message):
        if message.worker >= self.workers:
            raise WireError(f"worker {message.worker} is not one of the {self.workers} workers of this job")
        with self._changed:
            if message.kind == Kind.INIT:
                return self._begin(message)
            if message.kind == Kind.PULL:
                return self._pull(message)
            if message.kind == Kind.PUSH:
                return self._push(message)
        raise WireError(f"a server does not take {message.kind.name}")

    def _begin(self, message):
        if self._values is None:
            settings, values = check_start(message.arrays)
            self._optimizer = MomentumSgd(*settings)
            self._values, self._step = values, message.step
            self._changed.notify_all()
        return self._current()

    def _pull(self, message):
        if self._values is None and message.worker != 0:
            self._wait(lambda: self._values is not None, lambda: "worker 0 has not sent the parameters to begin with")
        return self._current()

    def _push(self, message):
        if self._values is None or message.step != self._step:
            return self._current()
        self._gradients[message.worker] = self._check_gradients(message)
        if len(self._gradients) == self.workers:
            self._take_step()
        else:
            self._wait(lambda: self._step != message.step, lambda: self._missing(message.step))
        return self._current()

    def _check_gradients(self, message):
        who = f"the gradients of worker {message.worker} at step {message.step}"
        if [values.shape for values in message.arrays] != [values.shape for values in self._values]:
            raise WireError(f"{who} have not the shapes of the parameters")
        if not all(values.dtype == np.float32 and np.isfinite(values).all() for values in message.arrays):
            raise WireError(f"{who} hold values that are not finite numbers: the training ran away")
        return message.arrays

    def _take_step(self):
        # In the order of the workers, not of arrival: the same job gives the same model.
        ordered = [self._gradients[worker] for worker in range(self.workers)]
        mean = [sum(values) / np.float32(self.workers) for values in zip(*ordered)]
        self._values = self._optimizer.step(self._step, self._values, mean)
        self._gradients = {}
        self._step += 1
        self.steps_taken += 1
        self._changed.notify_all()

    def _wait(self, condition, otherwise):
        if not self._changed.wait_for(condition, self.step_timeout_s):
            raise WireError(f"{otherwise()}, after {self.step_timeout_s:g} s")

    def _missing(self, step):
        late = [str(worker) for worker in range(self.workers) if worker not in self._gradients]
        return f"step {step} still waits for the gradients of worker {', '.join(late)}"

    def _current(self):
        if self._values is None:
            return Message(Kind.EMPTY)
        return Message(Kind.PARAMETERS, step=self._step, arrays=self._values)


def check_start(arrays):
    if len(arrays) < 2 or arrays[0].shape != (3,) or arrays[0].dtype != np.float64:
        raise WireError("the first parameters must come after learning rate, momentum and decay")
    settings, values = arrays[0], arrays[1:]
    if not all(array.dtype == np.float32 and np.isfinite(array).all() for array in values):
        raise WireError("the first parameters must be finite numbers")
    if not (np.isfinite(settings).all() and (settings >= 0).all()):
        raise WireError("learning rate, momentum and decay must be finite numbers from 0 on")
    return settings.tolist(), values


class Server:
    def __init__(self, address, parameters):
        self.parameters = parameters
        self.started = time.monotonic()
        self._socket = listen(address)
        self._lock = threading.Lock()
        self._connections = 0
        self._served_workers = set()
        self._requests = 0
        self._bytes = 0

    def accept(self):
        while True:
            try:
                connection, peer = self._socket.accept()
            except OSError as error:  # too many open files, a peer that left at once: the next one may do better
                say(f"a connection was not accepted: {error.strerror or error}")
                time.sleep(0.1)
                continue
            threading.Thread(target=self._serve, args=(connection, peer), daemon=True).start()

    def _serve(self, connection, peer):
        name = f"{peer[0]}:{peer[1]}"
        with self._lock:
            self._connections += 1
            crowded = self._connections > MAX_CONNECTIONS
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if crowded:
                raise WireError(f"there are more than {MAX_CONNECTIONS} connections")
            self._converse(connection, name)
        except Closed:
            pass
        except WireError as error:
            say(f"refused {name}: {error}")
            send_quietly(connection, Message(Kind.ERROR, text=str(error)))
        except OSError as error:
            say(f"lost {name}: {error.strerror or error}")
        finally:
            connection.close()
            with self._lock:
                self._connections -= 1

    def _converse(self, connection, name):
        worker = None
        while True:
            message, received = receive(connection, IDLE_S)
            answer = self.parameters.answer(message)
            if worker is None:
                worker = message.worker
                say(f"worker {worker} connected from {name}")
            sent = send(connection, answer)
            with self._lock:
                self._served_workers.add(worker)
                self._requests += 1
                self._bytes += received + sent

    def summary(self):
        with self._lock:
            return (f"served {len(self._served_workers)} workers, {self.parameters.steps_taken} steps, "
                    f"{self._requests} requests, {self._bytes / 1e6:.1f} MB "
                    f"in {time.monotonic() - self.started:.1f} s")


def send_quietly(connection, message):
    try:
        send(connection, message)
    except OSError:
        pass


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--port", type=at_least(1), default=2222, help="when PS_NODES names none")
    arguments.add_argument("--step-timeout", type=at_least(0.1, float), default=60, metavar="SECONDS",
                           help="how long a step waits for the slowest worker")
    options = arguments.parse_args()

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    nodes = nodes_setting("PS_NODES", options.port)
    if len(nodes) != 1:
        raise Failure(f"PS_NODES names {len(nodes)} servers; this example keeps the parameters on one. "
                      "Set the replicas of ps to 1.")
    workers = len(nodes_setting("WORKER_NODES", options.port + 1))
    address = own_entry("PS_NODES", nodes, number_setting("REPLICA_INDEX"))
    server = Server(address, Parameters(workers, options.step_timeout))
    say(f"listening on {address} for {workers} workers")
    threading.Thread(target=server.accept, daemon=True).start()
    stop.wait()
    say(server.summary())
    # Threads may be in the middle of an answer; the workers know how to live with that.
    os._exit(0)


if __name__ == "__main__":
    run(main)
