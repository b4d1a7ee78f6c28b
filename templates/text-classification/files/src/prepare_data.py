"""Makes messages to a support desk, each about one topic, and writes a training and a test table to $DATA_DIR."""

import argparse
import random

import pintle_client
from common import at_least, folder_setting, run, say
from tables import write_table

TOPICS = {
    "billing": ("invoice charged refund twice card payment price amount tax subscription receipt bill", "cost money paid"),
    "delivery": ("parcel courier address late tracking shipped package arrived warehouse delay customs box", "week waiting sent"),
    "technical": ("crash error screen update install freezes button driver version restart bug loading", "works broken again"),
    "account": ("password login email username locked profile verify code settings delete sign reset", "access name change"),
}
OPENINGS = ("Hello,", "Hi team,", "Good morning,", "Please help:", "Quick question:", "I am writing because", "")
FILLERS = "the my a again since yesterday today please still order customer number it is not and with after before you can".split()


def message(random_, topic):
    strong, weak = (words.split() for words in TOPICS[topic])
    words = [random_.choice(FILLERS) for _ in range(random_.randint(4, 12))]
    words += random_.choices(strong, k=random_.randint(1, 3)) + random_.choices(weak, k=random_.randint(0, 2))
    # Messages mention other things too.
    other = random_.choice([name for name in TOPICS if name != topic])
    words += random_.choices(" ".join(TOPICS[other]).split(), k=random_.choice((0, 0, 1)))
    random_.shuffle(words)
    return f"{random_.choice(OPENINGS)} {' '.join(words)}".strip()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--messages", type=at_least(40), default=2000)
    arguments.add_argument("--seed", type=at_least(0), default=7, help="the same seed gives the same files")
    options = arguments.parse_args()

    folder = folder_setting("DATA_DIR")
    random_ = random.Random(options.seed)
    rows = [(message(random_, topic), topic) for topic in random_.choices(sorted(TOPICS), k=options.messages)]
    cut = options.messages * 4 // 5
    for name, part in (("train", rows[:cut]), ("test", rows[cut:])):
        write_table(folder / f"{name}.csv", ("text", "topic"), part)
        say(f"wrote {folder / name}.csv  messages={len(part)}")
    pintle_client.report({"messages": options.messages, "topics": len(TOPICS)})


if __name__ == "__main__":
    run(main)
