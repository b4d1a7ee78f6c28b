"""Estimates the last column of a table: predict.py FILE.csv prints one number per row.

Needs nothing but Python and model.json beside it.
"""

import csv
import json
import sys
from pathlib import Path


def leaf_of(tree, row):
    """A tree is a number, or {"column", "below", "left", "right"}."""
    while isinstance(tree, dict):
        tree = tree["left"] if row[tree["column"]] < tree["below"] else tree["right"]
    return tree


def estimate(model, row):
    return model["base"] + model["rate"] * sum(leaf_of(tree, row) for tree in model["trees"])


def main():
    model = json.loads(Path(__file__).with_name("model.json").read_text())
    with open(sys.argv[1], newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            print(repr(estimate(model, [float(row[name]) for name in model["columns"]])))


if __name__ == "__main__":
    main()
