"""The workers of a job among themselves: they wait for one another before the first step and after the last.

Each worker listens on its own entry of WORKER_NODES and, at each meeting point, tells every other one that it has
arrived, with a few numbers. The answer says how far the other has come itself, so that a worker that was restarted
finds the ones that arrived long ago.
"""

import threading
import time

import numpy as np

from common import Failure
from wire import Closed, Kind, Message, WireError, connect_once, listen, own_entry, receive, send

START, END = 1, 2
ANSWER_S = 10
CONNECT_S = 5


class Peers:
    def __init__(self, nodes, index, fingerprint):
        """`fingerprint` stands for data and settings: workers with another one must not train together."""
        self._nodes = nodes
        self._index = index
        self._fingerprint = np.array([fingerprint], dtype=np.int64)
        self._changed = threading.Condition()
        self._met = {index: (0, np.zeros(0))}  # worker: (its latest point, its numbers)
        self._stranger = None
        self._socket = listen(own_entry("WORKER_NODES", nodes, index))
        threading.Thread(target=self._accept, daemon=True).start()

    def meet(self, point, numbers, wait_s):
        """Returns {worker: numbers} when every worker has arrived at `point`."""
        deadline = time.monotonic() + wait_s
        with self._changed:
            self._met[self._index] = (point, np.array(numbers, dtype=np.float64))
        for other in range(len(self._nodes)):
            if other != self._index:
                self._announce(other, point, deadline, wait_s)
        with self._changed:
            self._changed.wait_for(lambda: self._stranger is not None or not self._missing(point),
                                   max(0.0, deadline - time.monotonic()))
            self._refuse_stranger()
            if self._missing(point):
                names = ", ".join(f"worker {worker} ({self._nodes[worker]})" for worker in self._missing(point))
                raise Failure(f"waited {wait_s:g} s in vain for {names} to {'start' if point == START else 'finish'}.")
            return {worker: self._met[worker][1].tolist() for worker in range(len(self._nodes))}

    def _missing(self, point):
        return [worker for worker in range(len(self._nodes)) if self._met.get(worker, (0,))[0] < point]

    def _announce(self, other, point, deadline, wait_s):
        """Tells another worker where this one is, as often as it takes."""
        address = self._nodes[other]
        while True:
            try:
                self._tell(other, address)
                return
            except WireError as error:
                raise Failure(f"{address} does not answer like worker {other}: {error}.") from error
            except OSError as error:
                # One that has arrived may go as soon as it has heard of the others, before its answer is out.
                if self._arrived(other, point):
                    return
                if time.monotonic() > deadline:
                    raise Failure(f"cannot reach worker {other} at {address} within {wait_s:g} s: "
                                  f"{error.strerror or error}.") from error
            time.sleep(0.1)

    def _tell(self, other, address):
        with connect_once(address, CONNECT_S) as connection:
            with self._changed:
                greeting = self._message(Kind.ARRIVE)
            send(connection, greeting)
            answer = receive(connection, ANSWER_S)[0]
        if answer.kind == Kind.ERROR:
            raise Failure(f"worker {other} at {address} refused: {answer.text}.")
        with self._changed:
            self._note(answer, Kind.ARRIVED)
            self._refuse_stranger()
        if answer.worker != other:
            raise Failure(f"{address} should be worker {other}, but says it is worker {answer.worker}.")

    def _arrived(self, other, point):
        with self._changed:
            self._refuse_stranger()
            return self._met.get(other, (0,))[0] >= point

    def _message(self, kind):
        point, numbers = self._met[self._index]
        return Message(kind, self._index, point, [self._fingerprint, numbers])

    def _note(self, message, kind):
        numbers_only = [values.dtype for values in message.arrays] == [np.int64, np.float64]
        if message.kind != kind or not numbers_only or message.worker >= len(self._nodes):
            raise WireError("this is not a greeting among the workers of this job")
        if not np.array_equal(message.arrays[0], self._fingerprint):
            self._stranger = message.worker
            self._changed.notify_all()
            return
        if message.step >= self._met.get(message.worker, (0,))[0]:
            self._met[message.worker] = (message.step, message.arrays[1])
            self._changed.notify_all()

    def _refuse_stranger(self):
        if self._stranger is not None:
            raise Failure(f"worker {self._stranger} has other data or settings than worker {self._index}. "
                          "Give all workers the same command and the same data.")

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                time.sleep(0.1)
                continue
            threading.Thread(target=self._greet, args=(connection,), daemon=True).start()

    def _greet(self, connection):
        with connection:
            try:
                message = receive(connection, ANSWER_S)[0]
                with self._changed:
                    self._note(message, Kind.ARRIVE)
                    answer = self._message(Kind.ARRIVED)
                send(connection, answer)
            except Closed:
                pass
            except WireError as error:
                try:
                    send(connection, Message(Kind.ERROR, text=str(error)))
                except OSError:
                    pass
            except OSError:
                pass
