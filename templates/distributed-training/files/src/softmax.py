"""The model that all programs train: multinomial logistic regression."""

import math

from common import Failure
from predict import class_of, probabilities
from tables import read_table


def load(path):
    """(names of the columns, rows of numbers, classes)"""
    header, rows = read_table(path)
    try:
        return header[:-1], [[float(value) for value in row[:-1]] for row in rows], [row[-1] for row in rows]
    except ValueError as error:
        raise Failure(f"{path}: {error}") from None


def zeros(classes, columns):
    return [[0.0] * (columns + 1) for _ in range(classes)]


def loss_and_gradient(weights, rows, labels):
    """Labels are numbers of classes. Means over the rows."""
    gradient, loss = zeros(len(weights), len(weights[0]) - 1), 0.0
    for row, label in zip(rows, labels):
        known = probabilities(weights, row)
        loss -= math.log(max(known[label], 1e-12))
        for number, part in enumerate(known):
            slope = (part - (number == label)) / len(rows)
            of_class = gradient[number]
            for column, value in enumerate(row):
                of_class[column] += slope * value
            of_class[-1] += slope
    return loss / len(rows), gradient


def stepped(weights, gradient, rate):
    return [[w - rate * g for w, g in zip(a, b)] for a, b in zip(weights, gradient)]


def accuracy(weights, classes, rows, labels):
    return sum(class_of(weights, classes, row) == label for row, label in zip(rows, labels)) / len(rows)
