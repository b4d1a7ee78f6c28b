"""Makes points of several classes that overlap a little, and writes a training and a test table to $DATA_DIR."""

import argparse
import random

import pintle_client
from common import at_least, folder_setting, run, say
from tables import write_table


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--points", type=at_least(50), default=3000)
    arguments.add_argument("--columns", type=at_least(2), default=8)
    arguments.add_argument("--classes", type=at_least(2), default=4)
    arguments.add_argument("--seed", type=at_least(0), default=7, help="the same seed gives the same files")
    options = arguments.parse_args()

    folder = folder_setting("DATA_DIR")
    random_ = random.Random(options.seed)
    centres = [[random_.gauss(0, 1.6) for _ in range(options.columns)] for _ in range(options.classes)]
    rows = []
    for _ in range(options.points):
        kind = random_.randrange(options.classes)
        rows.append([*(round(random_.gauss(centre, 1), 4) for centre in centres[kind]), f"class-{kind}"])
    header = [*(f"x{i}" for i in range(options.columns)), "class"]
    cut = options.points * 4 // 5
    for name, part in (("train", rows[:cut]), ("test", rows[cut:])):
        write_table(folder / f"{name}.csv", header, part)
        say(f"wrote {folder / name}.csv  points={len(part)}")
    pintle_client.report({"points": options.points, "classes": options.classes})


if __name__ == "__main__":
    run(main)
