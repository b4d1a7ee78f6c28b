"""Trains the model in one process: mini-batch gradient descent with momentum."""

import numpy as np

from common import run, say
from dataset import load_part, varied_copies
from model import MomentumSgd, accuracy, initial_parameters, loss_and_gradients
from training import LAYERS, Surroundings, finish, parser


def train(part, validation, options):
    parameters = initial_parameters(LAYERS, options.seed)
    optimizer = MomentumSgd(options.learning_rate, options.momentum, options.decay)
    step = 0
    for epoch in range(options.epochs):
        images = varied_copies(part, options.copies, np.random.default_rng([options.seed, epoch]))
        losses = []
        for start in range(0, len(images), options.batch):
            batch = slice(start, start + options.batch)
            loss, gradients = loss_and_gradients(parameters, images.images[batch], images.labels[batch])
            parameters = optimizer.step(step, parameters, gradients)
            losses.append(loss)
            step += 1
        say(f"epoch={epoch + 1} loss={np.mean(losses):.4f} accuracy={accuracy(parameters, validation):.4f}")
    return parameters


def main():
    options = parser(__doc__).parse_args()
    surroundings = Surroundings.find()
    part, validation = load_part(surroundings.data, "train"), load_part(surroundings.data, "validation")
    say(f"training on {len(part)} images, {options.epochs} epochs; validating on {len(validation)}")
    finish(surroundings, train(part, validation, options), options, {"workers": 1})


if __name__ == "__main__":
    run(main)
