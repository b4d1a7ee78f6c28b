"""Learns what messages are about: multinomial logistic regression over words, by stochastic gradient descent."""

import argparse
import json
import math
import random

import pintle_client
from common import Failure, at_least, folder_setting, fraction, number_setting, run, say, write_atomically
from predict import features, probabilities, topic_of
from tables import read_table


def learn(weights, topics, found, topic, rate, decay):
    """One step; returns the loss before it."""
    known = probabilities(weights, topics, found)
    slopes = [known[each] - (each == topic) for each in topics]
    for feature in (*found, ""):
        numbers = weights.setdefault(feature, [0.0] * len(topics))
        for i, slope in enumerate(slopes):
            numbers[i] -= rate * (slope + decay * numbers[i])
    return -math.log(max(known[topic], 1e-12))


def accuracy(weights, topics, rows):
    return sum(topic_of(weights, topics, found) == topic for found, topic in rows) / len(rows)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--epochs", type=at_least(1), default=6)
    arguments.add_argument("--learning-rate", type=at_least(0.0, float), default=0.1)
    arguments.add_argument("--decay", type=at_least(0.0, float), default=0.0001)
    arguments.add_argument("--pairs", choices=("true", "false"), default="false", help="look at pairs of words too")
    arguments.add_argument("--seed", type=at_least(0), default=1)
    arguments.add_argument("--target-accuracy", type=fraction, default=0.9, help="fail when the test is below it")
    options = arguments.parse_args()

    data, training, build = folder_setting("DATA_DIR"), folder_setting("TRAINING_DIR"), number_setting("BUILD_ID")
    pairs = options.pairs == "true"
    train, test = ([(features(text, pairs), topic) for text, topic in read_table(data / f"{name}.csv")[1]]
                   for name in ("train", "test"))
    topics = sorted({topic for _, topic in train})
    weights = {"": [0.0] * len(topics)}
    random_ = random.Random(options.seed)
    say(f"learning {len(topics)} topics from {len(train)} messages")
    step = 0
    for epoch in range(options.epochs):
        random_.shuffle(train)
        losses = []
        for found, topic in train:
            losses.append(learn(weights, topics, found, topic, options.learning_rate, options.decay))
            step += 1
            if step % 200 == 0:
                say(f"step={step} loss={sum(losses[-200:]) / len(losses[-200:]):.4f}")
        say(f"step={step} epoch={epoch + 1} accuracy={accuracy(weights, topics, test):.4f}")
    measured = accuracy(weights, topics, test)
    folder = training / str(build)
    folder.mkdir(exist_ok=True)
    model = {"topics": topics, "pairs": pairs, "accuracy": measured, "weights": weights}
    write_atomically(folder / "model.json", json.dumps(model).encode())
    say(f"test_accuracy={measured:.4f} messages={len(test)}; saved the model in {folder}")
    pintle_client.report({"accuracy": round(measured, 6), "features": len(weights) - 1, "model_path": f"$TRAINING_DIR/{build}"})
    if measured < options.target_accuracy:
        raise Failure(f"the accuracy {measured:.4f} is below the target {options.target_accuracy:g}.")


if __name__ == "__main__":
    run(main)
