"""What the golden files of layers, networks, objectives and optimisers have in common: named cases of named arrays."""

import json
import pathlib

import numpy
import torch

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Fixtures" / "golden"


class Case:
    """Named arrays of one case; `numbers` holds settings.

    What is drawn is rounded to Float32, and everything is computed in Float64, so that what is kept is right to the
    nine digits that are stored; what is less than the least normal Float32 is kept as 0, as the engine has it.
    """

    def __init__(self, seed=None):
        self.random = numpy.random.RandomState(seed)
        self.arrays = {}
        self.numbers = {}

    def draw(self, name, *shape):
        """Keeps standard normal numbers; a tensor that takes a gradient."""
        drawn = self.random.standard_normal(shape).astype(numpy.float32)
        return self.keep(name, torch.tensor(drawn, dtype=torch.float64, requires_grad=True))

    def keep(self, name, tensor):
        array = tensor.detach().numpy()
        least = numpy.finfo(numpy.float32).tiny
        self.arrays[name] = {
            "shape": list(array.shape),
            "values": [0.0 if abs(value) < least else float(f"{value:.9g}") for value in array.ravel().tolist()],
        }
        return tensor


def write(name, cases):
    """Writes Fixtures/golden/<name>: case → numbers and arrays of shape and values, row-major."""
    path = FOLDER / name
    content = {name: {"numbers": case.numbers, "arrays": case.arrays} for name, case in cases.items()}
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
    print(path, path.stat().st_size, "bytes")
