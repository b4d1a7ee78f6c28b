"""Says of which class points are: predict.py FILE.csv prints one class per row.

Needs nothing but Python and model.json beside it.
"""

import csv
import json
import math
import sys
from pathlib import Path


def probabilities(weights, row):
    """Softmax; weights has per class one number for each column and one for itself."""
    sums = [sum(w * x for w, x in zip(of_class, row)) + of_class[-1] for of_class in weights]
    highest = max(sums)
    parts = [math.exp(value - highest) for value in sums]
    total = sum(parts)
    return [part / total for part in parts]


def class_of(weights, classes, row):
    known = probabilities(weights, row)
    return classes[known.index(max(known))]


def main():
    model = json.loads(Path(__file__).with_name("model.json").read_text())
    with open(sys.argv[1], newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            print(class_of(model["weights"], model["classes"], [float(row[name]) for name in model["columns"]]))


if __name__ == "__main__":
    main()
