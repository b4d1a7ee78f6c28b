"""Splits the handwritten digits that come with scikit-learn and writes the parts to $DATA_DIR."""

import argparse

import numpy as np
from sklearn.datasets import load_digits

import pintle_client
from common import at_least, folder_setting, run, say
from dataset import CLASSES, PARTS, save_parts

TRAIN_SHARE = 0.6
VALIDATION_SHARE = 0.2


def split(labels, seed):
    """Row numbers per part; every class is shared out in the same proportion."""
    random = np.random.default_rng(seed)
    rows = {name: [] for name in PARTS}
    for digit in range(CLASSES):
        of_digit = random.permutation(np.flatnonzero(labels == digit))
        cuts = np.rint(np.array([TRAIN_SHARE, TRAIN_SHARE + VALIDATION_SHARE]) * len(of_digit)).astype(int)
        for name, piece in zip(PARTS, np.split(of_digit, cuts)):
            rows[name].append(piece)
    return {name: random.permutation(np.concatenate(pieces)) for name, pieces in rows.items()}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=at_least(0), default=7, help="the same seed gives the same files")
    options = arguments.parse_args()

    folder = folder_setting("DATA_DIR")
    digits = load_digits()
    rows = split(digits.target, options.seed)
    parts = {name: (digits.data[rows[name]], digits.target[rows[name]]) for name in PARTS}
    manifest = save_parts(folder, parts, options.seed)

    for name, file in manifest["parts"].items():
        say(f"wrote {folder / name}.npz  images={file['images']}  sha256={file['sha256']}")
    pintle_client.report({"images": len(digits.target), "seed": options.seed})


if __name__ == "__main__":
    run(main)
