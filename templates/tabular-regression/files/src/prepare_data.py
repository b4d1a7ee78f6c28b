"""Makes a table of flats with their rents, and writes a training and a test part to $DATA_DIR.

A table of one's own takes its place: train.csv and test.csv with a header, numbers only, and what is to be found out in
the last column.
"""

import argparse
import random

import pintle_client
from common import at_least, folder_setting, run, say
from tables import write_table

HEADER = ("area", "rooms", "floor", "year", "distance", "balcony", "noise", "rent")


def flat(random_):
    area = random_.triangular(20, 160, 60)
    rooms = max(1, min(7, round(area / 24 + random_.gauss(0, 0.7))))
    floor, year = random_.randint(0, 8), random_.randint(1900, 2024)
    distance, balcony, noise = random_.expovariate(1 / 4), random_.randint(0, 1), random_.uniform(30, 75)
    rent = 150 + 9.5 * area + 25 * rooms + 60 * balcony - 28 * min(distance, 12) + 6 * floor
    rent += 120 if year > 2000 else 50 if year < 1920 else 0
    rent -= 4 * max(0, noise - 55)
    return [round(area, 1), rooms, floor, year, round(distance, 2), balcony, round(noise, 1), round(rent + random_.gauss(0, 40), 2)]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--flats", type=at_least(50), default=1200)
    arguments.add_argument("--seed", type=at_least(0), default=7, help="the same seed gives the same files")
    options = arguments.parse_args()

    folder = folder_setting("DATA_DIR")
    random_ = random.Random(options.seed)
    rows = [flat(random_) for _ in range(options.flats)]
    cut = options.flats * 4 // 5
    for name, part in (("train", rows[:cut]), ("test", rows[cut:])):
        write_table(folder / f"{name}.csv", HEADER, part)
        say(f"wrote {folder / name}.csv  rows={len(part)}")
    pintle_client.report({"rows": options.flats, "columns": len(HEADER)})


if __name__ == "__main__":
    run(main)
