"""Writes Fixtures/golden/layers.json: what PyTorch computes for small layers, forward and backward.

    python tools/golden/layers.py

Needs numpy and torch. All inputs come from NumPy's Mersenne Twister with fixed seeds, rounded to Float32; everything
is computed in Float64. A case has a layer's parameters as `state.<name>`, inputs (`x`), result (`y`), the `gradient` to
go back from, and `gradient.<name>` of inputs and parameters. What gives one number goes back from 1.
"""

import pathlib
import sys

import cases
import numpy
import torch
from torch import nn
from torch.nn import functional

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "python"))
from einthoven.networks import CPCNetwork  # noqa: E402

torch.set_num_threads(1)


class Case(cases.Case):
    """A case with layers in it."""

    def fill(self, module):
        """Draws a module's parameters, and keeps its state under `state.`."""
        module.double()
        with torch.no_grad():
            for parameter in module.parameters():
                drawn = (self.random.standard_normal(tuple(parameter.shape)) * 0.4).astype(numpy.float32)
                parameter.copy_(torch.tensor(drawn))
        for name, value in module.state_dict().items():
            self.keep(f"state.{name}", value)
        return module

    def backward(self, result, inputs, module=None):
        """Goes back from a drawn gradient, or from a single number; keeps the gradients of inputs and parameters."""
        if result.numel() == 1:
            result.backward()
        else:
            result.backward(self.draw("gradient", *result.shape).detach())
        for name, tensor in inputs.items():
            self.keep(f"gradient.{name}", tensor.grad)
        if module is not None:
            for name, parameter in module.named_parameters():
                self.keep(f"gradient.{name}", parameter.grad)


def convolution(seed, batch, inputs, outputs, steps, kernel, stride, padding, bias, groups=1):
    case = Case(seed)
    case.numbers = {"kernel": kernel, "stride": stride, "padding": padding, "groups": groups}
    layer = case.fill(nn.Conv1d(inputs, outputs, kernel, stride, padding, groups=groups, bias=bias))
    x = case.draw("x", batch, inputs, steps)
    case.backward(case.keep("y", layer(x)), {"x": x}, layer)
    return case


def transposed(seed, inputs, outputs, steps, kernel, stride, padding, extra, bias=False, groups=1):
    case = Case(seed)
    case.numbers = {"kernel": kernel, "stride": stride, "padding": padding, "outputPadding": extra, "groups": groups}
    layer = case.fill(nn.ConvTranspose1d(inputs, outputs, kernel, stride, padding, extra, groups, bias))
    x = case.draw("x", 2, inputs, steps)
    case.backward(case.keep("y", layer(x)), {"x": x}, layer)
    return case


def function(seed, compute, numbers=None, **shapes):
    """A function of named inputs without parameters."""
    case = Case(seed)
    case.numbers = numbers or {}
    inputs = {name: case.draw(name, *shape) for name, shape in shapes.items()}
    y = compute(*inputs.values())
    case.keep("y", y if y.ndim else y[None])
    case.backward(y, inputs)
    return case


def max_pool(seed, steps, kernel, stride, padding, ceil):
    numbers = {"kernel": kernel, "stride": stride, "padding": padding, "ceil": int(ceil)}
    pool = nn.MaxPool1d(kernel, stride, padding, ceil_mode=ceil)
    return function(seed, pool, numbers, x=(2, 5, steps))


def average_pool(seed, steps, kernel, stride):
    """Where a window reaches beyond the end, the mean is of what is there."""
    pool = nn.AvgPool1d(kernel, stride, ceil_mode=True)
    return function(seed, pool, {"kernel": kernel, "stride": stride, "ceil": 1}, x=(2, 5, steps))


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


def lstm(seed, layers):
    case = Case(seed)
    layer = case.fill(nn.LSTM(3, 5, layers, batch_first=True))
    x = case.draw("x", 2, 7, 3)
    case.backward(case.keep("y", layer(x)[0]), {"x": x}, layer)
    return case


def linear(seed):
    case = Case(seed)
    layer = case.fill(nn.Linear(6, 3))
    x = case.draw("x", 2, 4, 6)
    case.backward(case.keep("y", layer(x)), {"x": x}, layer)
    return case


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
    network = case.fill(CPCNetwork(width=8, hidden=6, layers=2))
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


def masked_error(seed):
    """The mean over the elements that a mask of 0 and 1 chooses."""
    case = Case(seed)
    x = case.draw("x", 2, 3, 8)
    target = case.draw("target", 2, 3, 8)
    mask = case.keep("mask", torch.tensor(case.random.randint(0, 2, (2, 3, 8))))
    loss = functional.mse_loss(x[mask == 1], target[mask == 1].detach())
    case.keep("y", loss[None])
    case.backward(loss, {"x": x})
    return case


def contrast_of_views(seed, pairs, width, temperature):
    """SimCLR's NT-Xent over rows `x`, all of view 0, then all of view 1; `z` are the rows at length 1."""
    case = Case(seed)
    case.numbers = {"temperature": temperature}
    x = case.draw("x", 2 * pairs, width)
    z = case.keep("z", functional.normalize(x))
    z.retain_grad()
    loss = 0
    for row in range(2 * pairs):
        others = [other for other in range(2 * pairs) if other != row]
        target = others.index((row + pairs) % (2 * pairs))
        logits = z[others] @ z[row] / temperature
        loss = loss - functional.log_softmax(logits, 0)[target] / (2 * pairs)
    case.keep("y", loss[None])
    case.backward(loss, {"x": x, "z": z})
    return case


cases.write(
    "layers.json",
    {
        "conv.strided": convolution(1, 2, 3, 4, 11, 3, 2, 1, True),
        "conv.pointwise": convolution(2, 2, 5, 4, 9, 1, 1, 0, False),
        "conv.wide": convolution(3, 2, 16, 32, 9, 5, 1, 2, True),
        "conv.unpadded": convolution(4, 1, 12, 20, 12, 4, 3, 0, False),
        "conv.grouped": convolution(14, 2, 8, 12, 9, 5, 1, 2, True, groups=4),
        "conv.depthwise": convolution(15, 2, 6, 6, 9, 3, 1, 1, False, groups=6),
        "conv.even": convolution(16, 2, 5, 6, 10, 4, 2, 1, False),
        "transposed.u": transposed(17, 6, 5, 9, 17, 4, 7, 1),
        "transposed.point": transposed(18, 6, 5, 9, 1, 4, 0, 3),
        "transposed.grouped": transposed(19, 6, 4, 7, 5, 2, 2, 1, bias=True, groups=2),
        "transposed.wide": transposed(20, 16, 32, 5, 5, 4, 1, 1),
        "norm.signal": normalization(5, 3, 5, 7),
        "norm.wide": normalization(6, 2, 32, 6),
        "norm.matrix": normalization(7, 6, 4),
        "norm.frozen": frozen_normalization(8, 2, 16, 5),
        "pool.max": max_pool(21, 10, 3, 2, 1, ceil=False),
        "pool.max.ceil": max_pool(22, 9, 2, 2, 0, ceil=True),
        "pool.average": average_pool(23, 9, 2, 2),
        "pool.global": function(24, lambda x: torch.cat([x.amax(2), x.mean(2)], 1), x=(2, 5, 9)),
        "concat": function(25, lambda a, b: torch.cat([a, b], 1), a=(2, 3, 7), b=(2, 5, 7)),
        "add.relu": function(26, lambda a, b: functional.relu(a + b), a=(2, 5, 7), b=(2, 5, 7)),
        "normalize": function(27, functional.normalize, x=(4, 6)),
        "cosine": function(28, lambda a, b: functional.cosine_similarity(a, b).mean(), a=(6, 5), b=(6, 5)),
        "mse.masked": masked_error(29),
        "ntxent": contrast_of_views(30, 4, 5, 0.5),
        "lstm": lstm(9, 2),
        "lstm.single": lstm(31, 1),
        "linear": linear(10),
        "cpc": cpc(11),
        "losses": losses(13),
    },
)
