"""Recognises handwritten digits with the exported model beside this file. Needs numpy alone.

    python predict.py images.npz     the array "images" in it: count × 64 or count × 8 × 8, brightness 0 to 16
    python predict.py images.npy     the same as a single array

prints one digit per line. As a module: predict(load(), images).
"""

import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent


def load(folder=HERE):
    """Returns the metadata and the parameters: weights, bias, weights, bias, ..."""
    metadata = json.loads((folder / "metadata.json").read_text())
    with np.load(folder / "model.npz", allow_pickle=False) as arrays:
        parameters = [arrays[f"{kind}_{layer}"] for layer in range(len(arrays.files) // 2)
                      for kind in ("weight", "bias")]
    if [list(values.shape) for values in parameters] != metadata["shapes"]:
        raise ValueError("model.npz is not the model that metadata.json describes")
    return metadata, parameters


def predict(model, images):
    metadata, parameters = model
    images = np.asarray(images)
    values = images.reshape(len(images), -1).astype(np.float32) / metadata["brightest"]
    if values.shape[1] != len(parameters[0]):
        raise ValueError(f"an image must have {len(parameters[0])} pixels, not {values.shape[1]}")
    for index in range(0, len(parameters), 2):
        values = values @ parameters[index] + parameters[index + 1]
        if index < len(parameters) - 2:
            values = np.maximum(values, 0)
    return np.array(metadata["classes"])[values.argmax(axis=1)]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        loaded = np.load(sys.argv[1], allow_pickle=False)
        images = loaded["images"] if hasattr(loaded, "files") else loaded
        digits = predict(load(), images)
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"error: {error}")
    print("\n".join(map(str, digits)))


if __name__ == "__main__":
    main()
