"""Tells Pintle how a program is getting on.

    import pintle
    pintle.log(loss=0.3, accuracy=0.9, step=10)

The values become curves of the job's metrics. The module needs nothing but Python itself. It is there in every job, and
may be copied to wherever the same program runs without Pintle: there the values go to the file that PINTLE_METRICS_FILE
names, and to nowhere when it names none.
"""
import json
import os
import threading
import time

__all__ = ["log"]

_lock = threading.Lock()
_file = None
_owner = None


def _number(name, value):
    try:
        return float(value)  # Also of numpy's scalars, and of tensors with one element.
    except (TypeError, ValueError):
        raise TypeError(f"pintle.log: {name} is {value!r}, which is not a number") from None


def _open():
    global _file, _owner
    path = os.environ.get("PINTLE_METRICS_FILE")
    if not path:
        return None
    if _file is None or _owner != os.getpid():
        _file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        _owner = os.getpid()
    return _file


def log(values=None, /, *, step=None, **more):
    """Reports numbers by their names, as keywords or as a dictionary, with the step that they belong to."""
    named = {str(name): _number(name, value) for name, value in {**(values or {}), **more}.items()}
    if not named:
        return
    line = {"time": time.time()}
    if step is not None:
        line["step"] = int(step)
    line.update(named)
    # One write for a whole line, so that processes can share the file.
    text = (json.dumps(line) + "\n").encode()
    with _lock:
        file = _open()
        if file is not None:
            os.write(file, text)
