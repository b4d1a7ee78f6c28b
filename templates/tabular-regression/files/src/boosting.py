"""Gradient boosting of small regression trees, written out."""

import math

from predict import estimate, leaf_of


def mean(values):
    return sum(values) / len(values)


def cuts_of(rows, most=24):
    """Per column the values between which rows may be parted."""
    cuts = []
    for column in range(len(rows[0])):
        values = sorted({row[column] for row in rows})
        every = max(1, len(values) // most)
        cuts.append(values[every::every])
    return cuts


def best_cut(rows, targets, members, cuts, least):
    """The parting after which the squares are smallest: (gain, column, value), or None."""
    total, count = sum(targets[i] for i in members), len(members)
    best = None
    for column, values in enumerate(cuts):
        ordered = sorted(members, key=lambda i: rows[i][column])
        below, position = 0.0, 0
        for value in values:
            while position < count and rows[ordered[position]][column] < value:
                below += targets[ordered[position]]
                position += 1
            if position < least or count - position < least:
                continue
            gain = below * below / position + (total - below) ** 2 / (count - position) - total * total / count
            if best is None or gain > best[0]:
                best = (gain, column, value)
    return best


def grow(rows, targets, members, cuts, depth, least=5):
    found = best_cut(rows, targets, members, cuts, least) if depth > 0 else None
    if found is None or found[0] <= 1e-9:
        return mean([targets[i] for i in members])
    _, column, value = found
    left = [i for i in members if rows[i][column] < value]
    right = [i for i in members if rows[i][column] >= value]
    return {"column": column, "below": value,
            "left": grow(rows, targets, left, cuts, depth - 1, least), "right": grow(rows, targets, right, cuts, depth - 1, least)}


def rmse(model, rows, labels):
    return math.sqrt(mean([(estimate(model, row) - label) ** 2 for row, label in zip(rows, labels)]))


def train(columns, rows, labels, options, tell):
    """`tell(step, loss)` is called after every tree; loss is the root of the mean square."""
    model = {"columns": columns, "base": mean(labels), "rate": options.learning_rate, "trees": []}
    left_over = [label - model["base"] for label in labels]
    cuts, members = cuts_of(rows), range(len(rows))
    for step in range(1, options.trees + 1):
        tree = grow(rows, left_over, list(members), cuts, options.depth)
        model["trees"].append(tree)
        left_over = [value - options.learning_rate * leaf_of(tree, row) for value, row in zip(left_over, rows)]
        tell(step, math.sqrt(mean([value * value for value in left_over])))
    return model
