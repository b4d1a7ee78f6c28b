"""A worker's connection to the parameter server. It mends itself: what was asked is asked again after a reconnect."""

import time

import numpy as np

from common import Failure, say
from wire import Kind, Message, WireError, connect, receive, send


class ParameterClient:
    def __init__(self, address, worker, beginning, settings, connect_timeout_s, answer_timeout_s):
        """`beginning` and `settings` (learning rate, momentum, decay) are what worker 0 gives to an empty server."""
        self._address = address
        self._worker = worker
        self._step = 0
        self._parameters = beginning
        self._settings = np.array(settings, dtype=np.float64)
        self._connect_timeout_s = connect_timeout_s
        self._answer_timeout_s = answer_timeout_s
        self._connection = None
        self.reconnects = 0

    def pull(self):
        """The server's (step, parameters)."""
        return self._ask(Message(Kind.PULL, self._worker))

    def push(self, step, gradients):
        """Gives the gradients of a step; returns the (step, parameters) to go on with."""
        return self._ask(Message(Kind.PUSH, self._worker, step, gradients))

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, message):
        answer = self._exchange(message)
        while answer.kind == Kind.EMPTY:
            answer = self._exchange(self._beginning() if self._worker == 0 else Message(Kind.PULL, self._worker))
        if answer.kind == Kind.ERROR:
            raise Failure(f"the parameter server at {self._address} refused: {answer.text}.")
        if answer.kind != Kind.PARAMETERS or shapes(answer.arrays) != shapes(self._parameters):
            raise Failure(f"the parameter server at {self._address} keeps another model than this worker trains. "
                          "Is it the server of another job?")
        self._step, self._parameters = answer.step, answer.arrays
        return answer.step, answer.arrays

    def _beginning(self):
        return Message(Kind.INIT, self._worker, self._step, [self._settings, *self._parameters])

    def _exchange(self, message):
        """Sends until there is an answer, for as long as a first connection may take."""
        lost_at, pause = None, 0.05
        while True:
            try:
                return self._exchange_once(message)
            except TimeoutError:
                raise Failure(f"the parameter server at {self._address} did not answer "
                              f"within {self._answer_timeout_s:g} s.") from None
            except WireError as error:
                raise Failure(f"{self._address} does not answer like the parameter server: {error}.") from error
            except OSError as error:
                self.close()
                trouble = str(error.strerror or error)
            if lost_at is None:
                lost_at = time.monotonic()
                self.reconnects += 1
                say(f"lost the parameter server at {self._address} ({trouble}); connecting again")
            if time.monotonic() - lost_at > self._connect_timeout_s:
                raise Failure(f"the parameter server at {self._address} closes every connection since "
                              f"{self._connect_timeout_s:g} s: {trouble}.")
            time.sleep(pause)
            pause = min(2 * pause, 1.0)

    def _exchange_once(self, message):
        if self._connection is None:
            self._connection = connect(self._address, "the parameter server", self._connect_timeout_s)
        send(self._connection, message)
        return receive(self._connection, self._answer_timeout_s)[0]


def shapes(arrays):
    return [(values.shape, values.dtype) for values in arrays]
