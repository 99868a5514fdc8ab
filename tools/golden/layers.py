"""Writes Fixtures/golden/layers.json: what PyTorch computes for small layers, forward and backward.

    python tools/golden/layers.py

Needs numpy and torch. All inputs come from NumPy's Mersenne Twister with fixed seeds, so that a second run on the
same version of PyTorch writes the same file.
"""

import json
import pathlib

import numpy
import torch
from torch import nn
from torch.nn import functional

torch.set_num_threads(1)
ROOT = pathlib.Path(__file__).resolve().parents[2]


class Case:
    """Named arrays of one case; `numbers` holds settings."""

    def __init__(self, seed):
        self.random = numpy.random.RandomState(seed)
        self.arrays = {}
        self.numbers = {}

    def draw(self, name, *shape):
        tensor = torch.tensor(self.random.standard_normal(shape).astype(numpy.float32), requires_grad=True)
        return self.keep(name, tensor)

    def keep(self, name, tensor):
        array = tensor.detach().numpy()
        self.arrays[name] = {
            "shape": list(array.shape),
            "values": [float(f"{value:.9g}") for value in array.astype(numpy.float32).ravel()],
        }
        return tensor

    def fill(self, module):
        """Draws a module's parameters, and keeps its state under `state.`."""
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.copy_(torch.tensor(self.random.standard_normal(tuple(parameter.shape)) * 0.4))
        for name, value in module.state_dict().items():
            self.keep(f"state.{name}", value)
        return module

    def backward(self, result, inputs, module=None):
        """Goes back from a drawn gradient; keeps the gradients of inputs and parameters under `gradient.`."""
        gradient = self.draw("gradient", *result.shape)
        result.backward(gradient.detach())
        for name, tensor in inputs.items():
            self.keep(f"gradient.{name}", tensor.grad)
        if module is not None:
            for name, parameter in module.named_parameters():
                self.keep(f"gradient.{name}", parameter.grad)


def convolution(seed, batch, inputs, outputs, steps, kernel, stride, padding, bias):
    case = Case(seed)
    case.numbers = {"kernel": kernel, "stride": stride, "padding": padding}
    layer = case.fill(nn.Conv1d(inputs, outputs, kernel, stride, padding, bias=bias))
    x = case.draw("x", batch, inputs, steps)
    case.backward(case.keep("y", layer(x)), {"x": x}, layer)
    return case


def normalization(seed, *shape):
    case = Case(seed)
    layer = case.fill(nn.BatchNorm1d(shape[1]))
    other = case.draw("other", *shape)
    x = case.draw("x", *shape)
    layer(other)
    case.backward(case.keep("y", layer(x)), {"x": x}, layer)
    for name, value in layer.state_dict().items():
        case.keep(f"after.{name}", value)
    layer.eval()
    case.keep("inference", layer(x))
    return case


def frozen_normalization(seed, *shape):
    case = Case(seed)
    layer = case.fill(nn.BatchNorm1d(shape[1]))
    with torch.no_grad():
        layer.running_mean.copy_(torch.linspace(-1, 1, shape[1]))
        layer.running_var.copy_(torch.linspace(0.5, 2, shape[1]))
    for name, value in layer.state_dict().items():
        case.keep(f"state.{name}", value)
    layer.eval()
    x = case.draw("x", *shape)
    y = case.keep("y", functional.relu(layer(x)))
    case.backward(y, {"x": x}, layer)
    return case


def lstm(seed):
    case = Case(seed)
    layer = case.fill(nn.LSTM(3, 5, 2, batch_first=True))
    x = case.draw("x", 2, 7, 3)
    case.backward(case.keep("y", layer(x)[0]), {"x": x}, layer)
    return case


def linear(seed):
    case = Case(seed)
    layer = case.fill(nn.Linear(6, 3))
    x = case.draw("x", 2, 4, 6)
    case.backward(case.keep("y", layer(x)), {"x": x}, layer)
    return case


class CPC(nn.Module):
    def __init__(self, width, hidden, layers):
        super().__init__()
        self.encoder = nn.Sequential(*[
            nn.Sequential(nn.Conv1d(inputs, width, 1, bias=False), nn.BatchNorm1d(width), nn.ReLU())
            for inputs in [12, width, width, width]
        ])
        self.lstm = nn.LSTM(width, hidden, layers, batch_first=True)
        self.predictor = nn.Linear(hidden, width, bias=False)

    def forward(self, x):
        tokens = self.encoder(x).transpose(1, 2)
        return tokens, self.lstm(tokens)[0]


def pooled(context, lengths):
    rows = [sequence[:length] for sequence, length in zip(context, lengths)]
    return torch.stack([torch.cat([row.mean(0), row.max(0).values, row[-1]]) for row in rows])


def contrast(predictions, tokens, lengths, ahead, indices):
    """Sum over positions, mean over the batch, written position by position."""
    loss = 0
    for b, length in enumerate(lengths):
        for t in range(max(length - ahead, 0)):
            candidates = torch.cat([tokens[b, t + ahead][None], tokens[b, indices[b, t]]])
            logits = candidates @ predictions[b, t]
            loss = loss + functional.cross_entropy(logits[None], torch.zeros(1, dtype=torch.long), reduction="sum")
    return loss / len(lengths)


def cpc(seed):
    case = Case(seed)
    steps, ahead, negatives, lengths = 14, 3, 5, [14, 9, 3]
    case.numbers = {"ahead": ahead, "negatives": negatives}
    network = case.fill(CPC(8, 6, 2))
    x = case.draw("x", 3, 12, steps)
    indices = numpy.zeros((3, steps - ahead, negatives), dtype=numpy.int64)
    for b, length in enumerate(lengths):
        for t in range(max(length - ahead, 0)):
            drawn = case.random.randint(0, length - 1, negatives)
            indices[b, t] = numpy.where(drawn < t + ahead, drawn, drawn + 1)
    case.keep("lengths", torch.tensor(lengths))
    case.keep("indices", torch.tensor(indices))
    tokens, context = network(x)
    case.keep("tokens", tokens)
    case.keep("context", context)
    loss = contrast(network.predictor(context), tokens, lengths, ahead, torch.tensor(indices))
    case.keep("loss", loss[None])
    loss.backward()
    case.keep("gradient.x", x.grad)
    for name, parameter in network.named_parameters():
        case.keep(f"gradient.{name}", parameter.grad)
    network.eval()
    case.keep("features", pooled(network(x)[1], lengths))
    return case


def adamw(seed):
    case = Case(seed)
    case.numbers = {"steps": 3, "learningRate": 0.01, "weightDecay": 0.1}
    weight, bias = case.draw("weight", 4, 3), case.draw("bias", 5)
    optimizer = torch.optim.AdamW(
        [{"params": [weight]}, {"params": [bias], "lr": 0.001}], lr=0.01, weight_decay=0.1)
    for step in range(3):
        weight.grad = case.draw(f"gradient.weight.{step}", 4, 3).detach()
        bias.grad = case.draw(f"gradient.bias.{step}", 5).detach()
        optimizer.step()
        case.keep(f"weight.{step}", weight)
        case.keep(f"bias.{step}", bias)
    return case


def losses(seed):
    case = Case(seed)
    logits = case.draw("logits", 4, 6)
    with torch.no_grad():
        logits[0, 0], logits[0, 1] = 60, -60
    case.keep("logits", logits)
    targets = torch.tensor(case.random.randint(0, 2, (4, 6)).astype(numpy.float32))
    case.keep("targets", targets)
    loss = functional.binary_cross_entropy_with_logits(logits, targets)
    case.keep("binary", loss[None])
    loss.backward()
    case.keep("gradient.binary", logits.grad)
    logits.grad = None
    classes = torch.tensor(case.random.randint(0, 6, 4))
    case.keep("classes", classes)
    loss = functional.cross_entropy(logits, classes)
    case.keep("categorical", loss[None])
    loss.backward()
    case.keep("gradient.categorical", logits.grad)
    return case


cases = {
    "conv.strided": convolution(1, 2, 3, 4, 11, 3, 2, 1, True),
    "conv.pointwise": convolution(2, 2, 5, 4, 9, 1, 1, 0, False),
    "conv.wide": convolution(3, 2, 16, 32, 9, 5, 1, 2, True),
    "conv.unpadded": convolution(4, 1, 12, 20, 12, 4, 3, 0, False),
    "norm.signal": normalization(5, 3, 5, 7),
    "norm.wide": normalization(6, 2, 32, 6),
    "norm.matrix": normalization(7, 6, 4),
    "norm.frozen": frozen_normalization(8, 2, 16, 5),
    "lstm": lstm(9),
    "linear": linear(10),
    "cpc": cpc(11),
    "adamw": adamw(12),
    "losses": losses(13),
}
path = ROOT / "Fixtures" / "golden" / "layers.json"
path.parent.mkdir(parents=True, exist_ok=True)
content = {name: {"numbers": case.numbers, "arrays": case.arrays} for name, case in cases.items()}
path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
print(path, path.stat().st_size, "bytes")
