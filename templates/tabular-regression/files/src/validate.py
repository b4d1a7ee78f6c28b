"""Cross-validation: each worker leaves out a part of the rows and measures its error on it; worker 0 sums up."""

import json
import time

import pintle_client
from boosting import mean, rmse, train
from common import Failure, at_least, folder_setting, number_setting, run, say, setting, write_atomically
from training import load, parser


def wait_for(folder, workers, patience_s):
    """What the workers found, when all of them have."""
    deadline = time.monotonic() + patience_s
    while True:
        files = [folder / f"part-{worker}.json" for worker in range(workers)]
        if all(file.is_file() for file in files):
            return [json.loads(file.read_text())["rmse"] for file in files]
        if time.monotonic() > deadline:
            raise Failure(f"waited {patience_s:g} s in vain for the other workers.")
        time.sleep(0.1)


def main():
    arguments = parser(__doc__)
    arguments.add_argument("--patience", type=at_least(1.0, float), default=600, metavar="SECONDS")
    options = arguments.parse_args()
    data, training, build = folder_setting("DATA_DIR"), folder_setting("TRAINING_DIR"), number_setting("BUILD_ID")
    worker, workers = number_setting("REPLICA_INDEX"), len(setting("WORKER_NODES").split(","))
    if workers < 2:
        raise Failure("cross-validation needs at least two workers.")
    columns, rows, labels = load(data / "train.csv")
    kept = [i for i in range(len(rows)) if i % workers != worker]
    left_out = [i for i in range(len(rows)) if i % workers == worker]
    say(f"part {worker + 1} of {workers}: learning from {len(kept)} rows, measuring on {len(left_out)}")
    model = train(columns, [rows[i] for i in kept], [labels[i] for i in kept], options,
                  lambda step, loss: say(f"step={step} loss={loss:.3f}") if step % 10 == 0 else None)
    found = rmse(model, [rows[i] for i in left_out], [labels[i] for i in left_out])
    say(f"validation_rmse={found:.3f}")
    folder = training / str(build)
    folder.mkdir(exist_ok=True)
    write_atomically(folder / f"part-{worker}.json", json.dumps({"rmse": found}).encode())
    if worker == 0:
        errors = wait_for(folder, workers, options.patience)
        say(f"rmse={mean(errors):.3f} from {min(errors):.3f} to {max(errors):.3f}")
        pintle_client.report({"rmse": round(mean(errors), 6), "parts": workers})


if __name__ == "__main__":
    run(main)
