"""The end of every training: the model is tested, saved and reported."""

import json

import pintle_client
from common import say, write_atomically
from softmax import accuracy, load


def finish(folder, test, columns, classes, weights, facts):
    _, rows, labels = load(test)
    measured = accuracy(weights, classes, rows, labels)
    folder.mkdir(exist_ok=True)
    model = {"columns": columns, "classes": classes, "weights": weights, "accuracy": measured}
    write_atomically(folder / "model.json", json.dumps(model).encode())
    say(f"test_accuracy={measured:.4f} points={len(rows)}; saved the model in {folder}")
    pintle_client.report({"accuracy": round(measured, 6), "model_path": f"$TRAINING_DIR/{folder.name}", **facts})
