"""Messages over TCP: one JSON document per line."""

import json
import socket
import time

from common import Failure

LONGEST = 1 << 20


def host_and_port(node):
    host, _, port = node.rpartition(":")
    if not host or not port.isdigit():
        raise Failure(f"{node!r} is no HOST:PORT. Give the resource a port.")
    return host, int(port)


def connect(node, patience_s):
    """Others start at their own pace, so it is tried for a while."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            connection = socket.create_connection(host_and_port(node), timeout=10)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        except OSError as error:
            if time.monotonic() > deadline:
                raise Failure(f"cannot reach {node} within {patience_s:g} s: {error.strerror or error}.") from error
            time.sleep(0.1)


def send(connection, message):
    connection.sendall(json.dumps(message).encode() + b"\n")


def receive(reader):
    """The next message, or None when the other side has gone."""
    line = reader.readline(LONGEST)
    if not line.endswith(b"\n"):
        return None
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None
