"""One of several workers that train the model together, each on its share of the images, through a parameter server.

A worker's batch is a function of the seed, its index and the step alone. A worker that is restarted therefore asks
the server for the step and goes on from there, as if nothing had happened.
"""

import hashlib

import numpy as np

from common import Failure, at_least, number_setting, run, say
from dataset import Part, load_manifest, load_part, varied_copies
from model import accuracy, initial_parameters, loss_and_gradients
from parameter_client import ParameterClient
from peers import END, START, Peers
from training import LAYERS, Surroundings, finish, parser
from wire import nodes_setting, own_entry


def share(part, worker, workers):
    """Every worker's share has the same size, so that all take the same number of steps."""
    rows = slice(worker, len(part) // workers * workers, workers)
    if len(part) < workers:
        raise Failure(f"{workers} workers cannot share {len(part)} images. Use fewer replicas.")
    return Part(part.images[rows], part.labels[rows])


class Work:
    """The batches of one worker, and what it has seen of its progress."""

    def __init__(self, part, validation, worker, options):
        self.part = part
        self.validation = validation
        self.worker = worker
        self.options = options
        self.steps_per_epoch = max(1, len(part) * options.copies // options.batch)
        self.steps = options.epochs * self.steps_per_epoch
        self.images_seen = 0
        self._epoch = None
        self._epoch_images = None
        self._losses = []

    def gradients(self, step, parameters):
        epoch, number = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            random = np.random.default_rng([self.options.seed, self.worker, epoch])
            self._epoch, self._losses = epoch, []
            self._epoch_images = varied_copies(self.part, self.options.copies, random)
        batch = slice(number * self.options.batch, (number + 1) * self.options.batch)
        images, labels = self._epoch_images.images[batch], self._epoch_images.labels[batch]
        loss, gradients = loss_and_gradients(parameters, images, labels)
        self._losses.append(loss)
        self.images_seen += len(labels)
        return gradients

    def report_epoch(self, step, parameters):
        """Says how it goes when `step` begins a new epoch. The accuracy is that of the own share of the validation."""
        if step % self.steps_per_epoch == 0 and self._losses:
            measured = accuracy(parameters, self.validation)
            say(f"epoch={self._epoch + 1} loss={self.loss():.4f} accuracy={measured:.4f}")

    def loss(self):
        return float(np.mean(self._losses)) if self._losses else 0.0


def fingerprint(options, data):
    """The same number for all workers that train with the same settings on the same data."""
    text = repr(sorted(vars(options).items())) + repr(load_manifest(data)["parts"])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "little")


def train(client, work):
    step, parameters = client.pull()
    if step > 0:
        say(f"going on from step {step}")
    while step < work.steps:
        gradients = work.gradients(step, parameters)
        following, parameters = client.push(step, gradients)
        if following == step + 1:
            work.report_epoch(following, parameters)
        step = following
    return parameters


def main():
    arguments = parser(__doc__.splitlines()[0])
    arguments.add_argument("--ps-port", type=at_least(1), default=2222, help="when PS_NODES names none")
    arguments.add_argument("--worker-port", type=at_least(1), default=2223, help="when WORKER_NODES names none")
    arguments.add_argument("--connect-timeout", type=at_least(0.1, float), default=60, metavar="SECONDS",
                           help="how long the server and the other workers may take to start")
    arguments.add_argument("--step-timeout", type=at_least(0.1, float), default=90, metavar="SECONDS",
                           help="how long the server may take to answer")
    options = arguments.parse_args()

    worker = number_setting("REPLICA_INDEX")
    server = own_entry("PS_NODES", nodes_setting("PS_NODES", options.ps_port), 0)
    nodes = nodes_setting("WORKER_NODES", options.worker_port)
    own = own_entry("WORKER_NODES", nodes, worker)
    surroundings = Surroundings.find()

    part = share(load_part(surroundings.data, "train"), worker, len(nodes))
    validation = share(load_part(surroundings.data, "validation"), worker, len(nodes))
    work = Work(part, validation, worker, options)
    peers = Peers(nodes, worker, fingerprint(options, surroundings.data))
    say(f"worker {worker} of {len(nodes)} on {own}: {len(part)} images, {options.epochs} epochs, server {server}")
    peers.meet(START, [len(part)], options.connect_timeout)

    client = ParameterClient(server, worker, initial_parameters(LAYERS, options.seed),
                             (options.learning_rate, options.momentum, options.decay),
                             options.connect_timeout, options.step_timeout)
    parameters = train(client, work)
    results = peers.meet(END, [work.images_seen, work.loss()], options.step_timeout)
    client.close()
    say(f"worker {worker} is done: {work.images_seen} images, {client.reconnects} reconnects")
    if worker == 0:
        shares = [{"worker": index, "images_seen": int(seen), "loss": loss} for index, (seen, loss) in results.items()]
        finish(surroundings, parameters, options, {"workers": len(nodes), "shares": shares})


if __name__ == "__main__":
    run(main)
