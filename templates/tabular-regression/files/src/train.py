"""Learns to estimate the last column of a table and measures the error on rows it has not seen."""

import json

import pintle_client
from boosting import rmse, train
from common import Failure, at_least, folder_setting, number_setting, run, say, write_atomically
from training import load, parser


def main():
    arguments = parser(__doc__)
    arguments.add_argument("--target-rmse", type=at_least(0.0, float), default=0, help="fail when the error is above it; 0: never")
    options = arguments.parse_args()
    data, training, build = folder_setting("DATA_DIR"), folder_setting("TRAINING_DIR"), number_setting("BUILD_ID")
    columns, rows, labels = load(data / "train.csv")
    _, test_rows, test_labels = load(data / "test.csv")
    say(f"learning from {len(rows)} rows of {len(columns)} columns")
    model = train(columns, rows, labels, options, lambda step, loss: say(f"step={step} loss={loss:.3f}") if step % 5 == 0 else None)
    model["rmse"] = rmse(model, test_rows, test_labels)
    folder = training / str(build)
    folder.mkdir(exist_ok=True)
    write_atomically(folder / "model.json", json.dumps(model).encode())
    say(f"test_rmse={model['rmse']:.3f} rows={len(test_rows)}; saved the model in {folder}")
    pintle_client.report({"rmse": round(model["rmse"], 6), "trees": options.trees, "model_path": f"$TRAINING_DIR/{build}"})
    if 0 < options.target_rmse < model["rmse"]:
        raise Failure(f"the error {model['rmse']:.3f} is above {options.target_rmse:g}.")


if __name__ == "__main__":
    run(main)
