"""What both trainings share: their settings and their tables."""

import argparse

from common import Failure, at_least, fraction
from tables import as_numbers, read_table


def parser(description):
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("--trees", type=at_least(1), default=80)
    arguments.add_argument("--depth", type=at_least(1), default=3)
    arguments.add_argument("--learning-rate", type=fraction, default=0.2)
    return arguments


def load(path):
    """(names of the columns, rows without the last column, the last column)"""
    header, rows = read_table(path)
    if len(header) < 2:
        raise Failure(f"{path} has one column; there must be something to estimate the last one from.")
    rows = as_numbers(path, rows)
    return header[:-1], [row[:-1] for row in rows], [row[-1] for row in rows]
