"""Says what messages are about: predict.py FILE.csv prints one topic per row of its column "text".

Needs nothing but Python and model.json beside it.
"""

import csv
import json
import math
import re
import sys
from pathlib import Path


def features(text, pairs):
    """Words, and pairs of neighbours, each once; in order, so that sums of them are the same everywhere."""
    words = re.findall(r"[a-z]+", text.lower())
    found = set(words)
    if pairs:
        found.update(f"{a} {b}" for a, b in zip(words, words[1:]))
    return sorted(found)


def probabilities(weights, topics, found):
    """Softmax over the sums of the weights; weights[feature] has one number per topic."""
    sums = list(weights[""])
    for feature in found:
        for i, weight in enumerate(weights.get(feature, ())):
            sums[i] += weight
    highest = max(sums)
    parts = [math.exp(value - highest) for value in sums]
    return {topic: part / sum(parts) for topic, part in zip(topics, parts)}


def topic_of(weights, topics, found):
    known = probabilities(weights, topics, found)
    return max(topics, key=lambda topic: known[topic])


def main():
    model = json.loads(Path(__file__).with_name("model.json").read_text())
    with open(sys.argv[1], newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            print(topic_of(model["weights"], model["topics"], features(row["text"], model["pairs"])))


if __name__ == "__main__":
    main()
