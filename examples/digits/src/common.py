"""What every program of the project needs: its surroundings, its words, its way to fail."""

import os
import sys
from pathlib import Path


class Failure(Exception):
    """Something a person can put right. Its text is the whole message: what happened, where, what to do."""


def say(text):
    """Prints a line at once: whoever follows the log sees it when it happens."""
    # In one piece: print would write the end of the line separately, and threads would mix their lines.
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def warn(text):
    print(f"warning: {text}", file=sys.stderr, flush=True)


def run(main):
    """Runs a program; a Failure becomes one plain line and exit status 1."""
    try:
        main()
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr, flush=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def setting(name):
    value = os.environ.get(name, "").strip()
    if not value:
        raise Failure(f"{name} is not set. Pintle sets it for every task; by hand, set it before the command.")
    return value


def number_setting(name):
    value = setting(name)
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise Failure(f"{name} must be a whole number from 0 on, but is {value!r}.")
    return int(value)


def folder_setting(name):
    path = Path(setting(name))
    if not path.is_dir():
        raise Failure(f"{name} is {path}, which is not a folder.")
    return path


def write_atomically(path, content):
    """A reader sees the old file or the new one, never half of it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise Failure(f"cannot write {path}: {error.strerror or error}") from error


def at_least(lowest, kind=int):
    """A type for argparse: a number not below `lowest`."""

    def parse(text):
        value = kind(text)
        if not lowest <= value < float("inf"):
            raise ValueError(text)
        return value

    parse.__name__ = f"number from {lowest} on"
    return parse


def fraction(text):
    """A type for argparse: a number from 0 to 1."""
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError(text)
    return value
