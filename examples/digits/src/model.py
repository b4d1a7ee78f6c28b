"""A multilayer perceptron in numpy: its mathematics, and how it is kept on disk.

Parameters are a plain list of arrays, [weights, bias, weights, bias, ...], one pair per layer. Nothing here changes
an array in place, so a list that was handed out stays what it was.
"""

import hashlib
import io
import json
import os
import platform
from datetime import datetime, timezone

import numpy as np

from common import Failure, write_atomically

MODEL_FILE = "model.npz"
METADATA_FILE = "model.json"


def initial_parameters(layers, seed):
    """Random weights for layers of these sizes, e.g. [64, 128, 10], scaled so that signals neither fade nor grow."""
    random = np.random.default_rng(seed)
    parameters = []
    for inputs, outputs in zip(layers, layers[1:]):
        weights = random.normal(0.0, np.sqrt(2.0 / inputs), size=(inputs, outputs))
        parameters += [weights.astype(np.float32), np.zeros(outputs, dtype=np.float32)]
    return parameters


def activations(parameters, images):
    """The values of every layer, the images first; the last ones are the probabilities of the classes."""
    values = [images]
    last = len(parameters) - 2
    for index in range(0, len(parameters), 2):
        sums = values[-1] @ parameters[index] + parameters[index + 1]
        values.append(softmax(sums) if index == last else np.maximum(sums, 0.0))
    return values


def softmax(sums):
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def loss_and_gradients(parameters, images, labels):
    """Mean cross-entropy of a batch, and its derivative by each parameter (backpropagation)."""
    values = activations(parameters, images)
    rows = np.arange(len(labels))
    loss = cross_entropy(values[-1], labels)

    # Of softmax and cross-entropy together: probability minus truth.
    error = values[-1].copy()
    error[rows, labels] -= 1.0
    error /= len(labels)

    gradients = [None] * len(parameters)
    for index in range(len(parameters) - 2, -1, -2):
        before = values[index // 2]
        gradients[index] = before.T @ error
        gradients[index + 1] = error.sum(axis=0)
        if index > 0:
            error = (error @ parameters[index].T) * (before > 0)
    return loss, gradients


def cross_entropy(probabilities, labels):
    chosen = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def predict(parameters, images):
    return activations(parameters, images)[-1].argmax(axis=1)


def accuracy(parameters, part):
    return float((predict(parameters, part.images) == part.labels).mean())


class MomentumSgd:
    """Stochastic gradient descent: each step keeps most of the direction of the steps before it."""

    def __init__(self, learning_rate, momentum, decay):
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.decay = decay
        self.velocity = None

    def step(self, number, parameters, gradients):
        """The parameters after step `number` (from 0); later steps are smaller."""
        rate = np.float32(self.learning_rate / (1.0 + self.decay * number))
        keep = np.float32(self.momentum)
        if self.velocity is None:
            self.velocity = [np.zeros_like(values) for values in parameters]
        self.velocity = [keep * speed - rate * slope for speed, slope in zip(self.velocity, gradients)]
        return [values + speed for values, speed in zip(parameters, self.velocity)]


def pack(parameters):
    """The bytes of an .npz with weight_0, bias_0, weight_1, ..."""
    names = [f"{kind}_{layer}" for layer in range(len(parameters) // 2) for kind in ("weight", "bias")]
    content = io.BytesIO()
    np.savez(content, **dict(zip(names, parameters)))
    return content.getvalue()


def save_model(folder, parameters, facts):
    """Writes the model; its metadata comes last, so a folder with metadata holds a whole model."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"cannot create {folder}: {error.strerror}") from error
    content = pack(parameters)
    metadata = {
        "format": 1,
        "layers": [len(parameters[0])] + [len(bias) for bias in parameters[1::2]],
        "shapes": [list(values.shape) for values in parameters],
        "classes": list(range(len(parameters[-1]))),
        "sha256": hashlib.sha256(content).hexdigest(),
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "task": os.environ.get("TASK_NAME", ""),
        "python": platform.python_version(),
        "numpy": np.__version__,
        **facts,
    }
    write_atomically(folder / MODEL_FILE, content)
    write_atomically(folder / METADATA_FILE, (json.dumps(metadata, indent=2) + "\n").encode())


def load_metadata(folder):
    path = folder / METADATA_FILE
    try:
        metadata = json.loads(path.read_bytes())
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise Failure(f"{path} is damaged: it is not JSON. Train again, or choose another build.") from error
    if not isinstance(metadata, dict) or not isinstance(metadata.get("accuracy"), (int, float)):
        raise Failure(f"{path} is damaged: it names no accuracy. Train again, or choose another build.")
    return metadata


def load_model(folder):
    """Returns (parameters, metadata), checked against each other."""
    metadata = load_metadata(folder)
    path = folder / MODEL_FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}") from error
    damaged = Failure(f"the model {path} is damaged: it is not what {METADATA_FILE} says. "
                      "Train again, or choose another build.")
    if hashlib.sha256(content).hexdigest() != metadata.get("sha256"):
        raise damaged
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            pairs = [(arrays[f"weight_{layer}"], arrays[f"bias_{layer}"]) for layer in range(len(arrays.files) // 2)]
    except Exception as error:
        raise damaged from error
    parameters = [values for pair in pairs for values in pair]
    if not parameters or [list(values.shape) for values in parameters] != metadata.get("shapes"):
        raise damaged
    return parameters, metadata
