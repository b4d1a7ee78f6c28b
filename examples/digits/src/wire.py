"""The language of the parameter server and the workers: frames over TCP, with numpy arrays in them.

A frame is a header of 20 bytes and a body, all little-endian:

    4 bytes   "DGT1"
    u8 kind   see Kind
    u8 count  of the arrays in the body
    u16 worker
    u32 step
    u64 size  of the body in bytes, at most MAX_BODY_BYTES

An array in the body is: u8 type (TYPES), u8 dimensions, u32 for each of them, the values. The body of an ERROR is a
text in UTF-8 instead. What comes from the network is believed only after it is checked.
"""

import errno
import math
import os
import socket
import struct
import time
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from common import Failure

MAGIC = b"DGT1"
HEADER = struct.Struct("<4sBBHIQ")
MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_DIMENSIONS = 2
TYPES = (np.dtype("<f4"), np.dtype("<f8"), np.dtype("<i8"))
FRAME_TIMEOUT_S = 30


class Kind(IntEnum):
    PULL = 1  # worker to server: which parameters are there?
    PUSH = 2  # worker to server: gradients of this step
    INIT = 3  # worker to server: learning rate, momentum, decay; then the parameters to begin with
    PARAMETERS = 4  # server to worker: the parameters at this step
    EMPTY = 5  # server to worker: there are no parameters yet
    ARRIVE = 6  # worker to worker: I have come to this point
    ARRIVED = 7  # worker to worker: noted, and this is where I am
    ERROR = 8


@dataclass
class Message:
    kind: Kind
    worker: int = 0
    step: int = 0
    arrays: list = field(default_factory=list)
    text: str = ""


class WireError(Exception):
    """The other side does not speak this language."""


class Closed(OSError):
    """The other side has gone."""


def encode(message):
    if message.kind == Kind.ERROR:
        pieces = [message.text.encode()[:4096]]
    else:
        pieces = [piece for values in message.arrays for piece in encode_array(values)]
    count = 0 if message.kind == Kind.ERROR else len(message.arrays)
    size = sum(map(len, pieces))
    header = HEADER.pack(MAGIC, message.kind, count, message.worker, message.step, size)
    return b"".join([header, *pieces])


def encode_array(values):
    values = np.ascontiguousarray(values)
    code = TYPES.index(values.dtype)
    return struct.pack(f"<BB{values.ndim}I", code, values.ndim, *values.shape), values.tobytes()


def decode_arrays(body, count):
    arrays, at = [], 0
    try:
        for _ in range(count):
            code, dimensions = struct.unpack_from("<BB", body, at)
            if code >= len(TYPES) or dimensions > MAX_DIMENSIONS:
                raise WireError(f"an array of type {code} with {dimensions} dimensions is not known here")
            shape = struct.unpack_from(f"<{dimensions}I", body, at + 2)
            at += 2 + 4 * dimensions
            length, values = math.prod(shape), TYPES[code]
            if length * values.itemsize > len(body) - at:
                raise WireError("an array is longer than its frame")
            arrays.append(np.frombuffer(body, values, length, at).reshape(shape))
            at += length * values.itemsize
    except struct.error:
        raise WireError("an array is cut off") from None
    if at != len(body):
        raise WireError(f"{len(body) - at} bytes are left over after the last array")
    return arrays


def send(connection, message):
    """Sends a frame and returns its size."""
    frame = encode(message)
    connection.settimeout(FRAME_TIMEOUT_S)
    connection.sendall(frame)
    return len(frame)


def receive(connection, wait_s=None):
    """Returns (message, size). Waits `wait_s` for a frame to begin; once begun, it must come quickly."""
    connection.settimeout(wait_s)
    first = connection.recv(1)
    if not first:
        raise Closed("the connection was closed")
    deadline = time.monotonic() + FRAME_TIMEOUT_S
    header = first + receive_exactly(connection, HEADER.size - 1, deadline)
    magic, kind, count, worker, step, size = HEADER.unpack(header)
    if magic != MAGIC:
        raise WireError("this is not a frame of the digits example")
    if kind not in list(Kind):
        raise WireError(f"kind {kind} is not known")
    if size > MAX_BODY_BYTES:
        raise WireError(f"a frame of {size} bytes is refused: the limit is {MAX_BODY_BYTES}")
    body = receive_exactly(connection, size, deadline)
    if kind == Kind.ERROR:
        return Message(Kind.ERROR, worker, step, text=bytes(body).decode(errors="replace")), HEADER.size + size
    return Message(Kind(kind), worker, step, decode_arrays(body, count)), HEADER.size + size


def receive_exactly(connection, size, deadline):
    content = bytearray(size)
    view = memoryview(content)
    while view:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        count = connection.recv_into(view)
        if count == 0:
            raise Closed("the connection was closed in the middle of a frame")
        view = view[count:]
    return bytes(content)


@dataclass(frozen=True)
class Address:
    """One entry of a list like PS_NODES. The name is resolved each time, for it may appear late or move."""

    host: str
    port: int

    def __str__(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def resolve(self, passive=False):
        flags = socket.AI_PASSIVE if passive else 0
        family, kind, protocol, _, address = socket.getaddrinfo(
            self.host, self.port, type=socket.SOCK_STREAM, flags=flags)[0]
        return family, kind, protocol, address


def nodes_setting(name, default_port):
    """The addresses in a variable like WORKER_NODES: "host:port" or "host", separated by commas."""
    text = os.environ.get(name, "").strip()
    if not text:
        raise Failure(f"{name} is not set. Pintle sets it for every resource of the task; "
                      f"by hand, give it as host:port,host:port.")
    return [parse_address(name, entry.strip(), default_port) for entry in text.split(",")]


def parse_address(name, entry, default_port):
    host, port = entry, str(default_port)
    if entry.startswith("["):
        host, bracket, rest = entry[1:].partition("]")
        port = rest[1:] if rest.startswith(":") else port
        if not bracket or (rest and not rest.startswith(":")):
            host = ""
    elif entry.count(":") == 1:
        host, port = entry.split(":")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise Failure(f"{name} has an entry that is not host:port: {entry!r}.")
    return Address(host, int(port))


def own_entry(name, nodes, index):
    if index >= len(nodes):
        raise Failure(f"REPLICA_INDEX is {index}, but {name} names only {len(nodes)}.")
    return nodes[index]


def listen(address, wait_s=10):
    """Listens where the own entry says. Another program may still be leaving the port, so it tries for a while."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            family, kind, protocol, resolved = address.resolve(passive=True)
            server = socket.socket(family, kind, protocol)
            try:
                server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                server.bind(resolved)
                server.listen(32)
                return server
            except OSError:
                server.close()
                raise
        except OSError as error:
            passing = isinstance(error, socket.gaierror) or error.errno == errno.EADDRINUSE
            if not passing or time.monotonic() > deadline:
                raise Failure(f"cannot listen on {address}: {error.strerror or error}") from error
        time.sleep(0.2)


def connect(address, who, wait_s):
    """Connects to something that may not have started yet; says whom it could not reach, and why."""
    deadline = time.monotonic() + wait_s
    pause = 0.05
    while True:
        try:
            return connect_once(address, min(max(deadline - time.monotonic(), 1.0), 5.0))
        except OSError as error:
            if time.monotonic() + pause > deadline:
                raise Failure(f"cannot reach {who} at {address} within {wait_s:g} s: "
                              f"{error.strerror or error}.") from error
        time.sleep(pause)
        pause = min(2 * pause, 1.0)


def connect_once(address, timeout_s):
    family, kind, protocol, resolved = address.resolve()
    connection = socket.socket(family, kind, protocol)
    try:
        connection.settimeout(timeout_s)
        connection.connect(resolved)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    except OSError:
        connection.close()
        raise
