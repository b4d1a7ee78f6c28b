"""The prepared images on disk: three .npz files and digits.json, which names them and is written last."""

import hashlib
import io
import json
from dataclasses import dataclass

import numpy as np

from common import Failure, write_atomically

MANIFEST = "digits.json"
PARTS = ("train", "validation", "test")
SIDE = 8
PIXELS = SIDE * SIDE
BRIGHTEST = 16
CLASSES = 10

# How far a copy of a training image may differ from it: radians, part of its size, pixels.
MAX_TURN = 0.2
MAX_RESIZE = 0.1
MAX_MOVE = 0.7


@dataclass
class Part:
    images: np.ndarray  # count × 64, from 0 to 1
    labels: np.ndarray  # count, from 0 to 9

    def __len__(self):
        return len(self.labels)


def save_parts(folder, parts, seed):
    """Writes {name: (images 0..16, labels)} and the manifest. Returns the manifest."""
    files = {}
    for name in PARTS:
        images, labels = parts[name]
        content = io.BytesIO()
        np.savez_compressed(content, images=images.astype(np.uint8), labels=labels.astype(np.uint8))
        write_atomically(folder / f"{name}.npz", content.getvalue())
        files[name] = {"images": len(labels), "sha256": hashlib.sha256(content.getvalue()).hexdigest()}
    manifest = {"format": 1, "seed": seed, "parts": files}
    write_atomically(folder / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
    return manifest


def load_manifest(folder):
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
        if all(isinstance(manifest["parts"][name]["sha256"], str) for name in PARTS):
            return manifest
    except FileNotFoundError:
        raise Failure(f"the data is not prepared yet: there is no {path}. Run the task prepare-data first.") from None
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        pass
    raise Failure(f"{path} is damaged. Run the task prepare-data again.")


def load_part(folder, name):
    """Loads "train", "validation" or "test", checked against the manifest."""
    expected = load_manifest(folder)["parts"][name]["sha256"]
    path = folder / f"{name}.npz"
    damaged = Failure(f"{path} is damaged: it is not what the manifest says. Run the task prepare-data again.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}. Run the task prepare-data again.") from error
    if hashlib.sha256(content).hexdigest() != expected:
        raise damaged
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            images, labels = arrays["images"], arrays["labels"]
    except Exception as error:
        raise damaged from error
    if images.shape != (len(labels), PIXELS) or len(labels) == 0 or labels.max() >= CLASSES:
        raise damaged
    return Part(images.astype(np.float32) / BRIGHTEST, labels.astype(np.int64))


def varied_copies(part, copies, random):
    """An epoch's images: `copies` of each one, every copy turned, sized and moved a little, in random order.

    A digit that is moved a little is the same digit, so the model sees more of the world than was photographed.
    """
    order = random.permutation(np.tile(np.arange(len(part)), copies))
    count = len(order)
    turn = random.uniform(-MAX_TURN, MAX_TURN, count)
    size = random.uniform(1 - MAX_RESIZE, 1 + MAX_RESIZE, count)
    move = random.uniform(-MAX_MOVE, MAX_MOVE, (2, count, 1))
    cosine, sine = (np.cos(turn) / size)[:, None], (np.sin(turn) / size)[:, None]

    # For every pixel of a copy, the place in the original that it shows.
    centre = (SIDE - 1) / 2
    down, right = np.indices((SIDE, SIDE)).reshape(2, 1, PIXELS) - centre
    rows = cosine * down - sine * right + centre + move[0]
    columns = sine * down + cosine * right + centre + move[1]
    return Part(sample(part.images, order, rows, columns), part.labels[order])


def sample(images, which, rows, columns):
    """Brightness between the pixels (bilinear); outside of an image it is dark."""
    border = 2
    edge = SIDE + 2 * border
    padded = np.pad(images.reshape(-1, SIDE, SIDE), ((0, 0), (border, border), (border, border))).reshape(-1)
    rows = np.clip(rows + border, 0, edge - 1.001).astype(np.float32)
    columns = np.clip(columns + border, 0, edge - 1.001).astype(np.float32)
    top, left = rows.astype(np.int32), columns.astype(np.int32)
    below, beyond = (rows - top).astype(np.float32), (columns - left).astype(np.float32)
    corner = which[:, None] * (edge * edge) + top * edge + left
    upper = padded[corner] * (1 - beyond) + padded[corner + 1] * beyond
    lower = padded[corner + edge] * (1 - beyond) + padded[corner + edge + 1] * beyond
    return upper * (1 - below) + lower * below
