"""Writes Fixtures/golden/encoders.json: features and gradients of whole encoders of full size, as PyTorch has them.

    python tools/golden/encoders.py

Needs numpy and torch. Weights and signals are too many to be stored; both sides draw them, element by element in
row-major order, from SplitMix64("golden: " + the tensor's name), u = uniform() each, rounded to Float32:

    the signals, named x                    2u - 1
    weights of two and more dimensions      (2u - 1) √(6 / product of all sizes but the first)
    scales of normalisations                0.5 + u
    biases                                  (2u - 1) / 10

A case is a network in training (normalisation by the batch) without dropout; `numbers` has its sizes. The loss is half
the mean square of the features, or of the U-ResNet's completed signals. All is computed in Float64. Of arrays with more
elements than are stored, they lie at even distances: element ⌊i n / k⌋ for i below k.

    loss            [1]
    features        up to 4096 elements, or 2048 where there are more
    completed       512 elements of the U-ResNet's output
    gradient.<p>    24 elements of the gradient by parameter p
    norm.<p>        its Euclidean norm, of all elements
    error.features  [16]: what PyTorch has in Float32, ‖f32 - f64‖ / ‖f64‖ over all features
    error.gradient  [16]: the same over the stored elements of all parameters, each divided by its parameter's norm

Float32 is computed in sixteen ways that differ in rounding alone: by oneDNN and by PyTorch's own kernels, with the
leads in eight orders. A unit that rounding puts on the other side of a ReLU changes gradients by far more than rounding
does, and which units these are is chance: one way's error says little, the largest of sixteen says more.
"""

import itertools
import pathlib
import sys

import numpy
import torch
from cases import Case, write

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "python"))
from einthoven.networks import CPCNetwork, UResNet, XResNet1d  # noqa: E402
from einthoven.splitmix import GAMMA, mix, seeded  # noqa: E402


def uniform(name, count):
    """The first `count` uniform numbers of a name's generator."""
    steps = numpy.arange(1, count + 1, dtype=numpy.uint64)
    with numpy.errstate(over="ignore"):
        bits = mix(numpy.uint64(seeded(f"golden: {name}")) + steps * numpy.uint64(GAMMA))
    return (bits >> numpy.uint64(11)) * 2.0**-53


def tensor(values, shape):
    return torch.from_numpy(values.astype(numpy.float32).reshape(shape))


def fill(network):
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            u = uniform(name, parameter.numel())
            if parameter.ndim > 1:
                values = (2 * u - 1) * numpy.sqrt(6 / numpy.prod(parameter.shape[1:]))
            else:
                # An LSTM's biases are named bias_ih_l0 and the like.
                values = (2 * u - 1) * 0.1 if ".bias" in name else 0.5 + u
            parameter.copy_(tensor(values, parameter.shape))


def evenly(array, count):
    """`count` elements at even distances."""
    flat = array.detach().reshape(-1)
    return flat if len(flat) <= count else flat[torch.arange(count) * len(flat) // count]


def computed(network, x):
    """(features, completed signals if there are any, loss, gradient by parameter)"""
    network.zero_grad()
    completed = None
    if isinstance(network, UResNet):
        features = network.encoded(x)[2].flatten(1)
        completed = network(x)
    else:
        features = network.features(x)
    loss = (features if completed is None else completed).square().mean() / 2
    loss.backward()
    # The predictor of tokens has no part in the features.
    gradients = {name: p.grad.detach().clone() for name, p in network.named_parameters() if p.grad is not None}
    return features.detach(), completed, loss.detach(), gradients


def computed_in_single(network, x, is_onednn, order):
    """(features, gradient by parameter) in Float32, with the leads in another order on both sides of the first sum."""
    first = next(module for module in network.modules() if isinstance(module, torch.nn.Conv1d)).weight
    original = first.detach().clone()
    with torch.no_grad():
        first.copy_(original[:, order])
    with torch.backends.mkldnn.flags(enabled=is_onednn):
        features, _, _, gradients = computed(network, x[:, order])
    with torch.no_grad():
        first.copy_(original)
    for name, parameter in network.named_parameters():
        if parameter is first:
            gradients[name][:, order] = gradients[name].clone()
    return features, gradients


def stored(gradients, norms):
    """All elements of gradients that are stored, in units of the parameters' norms."""
    return torch.cat([evenly(gradients[name], 24).double() / norm for name, norm in norms.items()])


def relative(found, expected):
    return (found.double() - expected).norm() / expected.norm()


def encoder(network, numbers, batch, samples):
    case = Case()
    case.numbers = numbers | {"batch": batch, "samples": samples}
    fill(network)
    x = tensor(2 * uniform("x", batch * 12 * samples) - 1, (batch, 12, samples))
    network.float()
    orders = [numpy.random.RandomState(seed).permutation(12) for seed in range(8)]
    singles = [computed_in_single(network, x, *way) for way in itertools.product((True, False), orders)]
    features, completed, loss, gradients = computed(network.double(), x.double())
    case.keep("loss", loss[None])
    case.keep("features", evenly(features, 2048) if features.numel() > 4096 else features)
    if completed is not None:
        case.keep("completed", evenly(completed, 512))
    for name, gradient in gradients.items():
        case.keep(f"norm.{name}", gradient.norm()[None])
        case.keep(f"gradient.{name}", evenly(gradient, 24))
    norms = {name: gradient.norm() for name, gradient in gradients.items()}
    expected = stored(gradients, norms)
    case.keep("error.features", torch.stack([relative(single[0], features) for single in singles]))
    case.keep("error.gradient", torch.stack([relative(stored(single[1], norms), expected) for single in singles]))
    for name in ("error.features", "error.gradient"):
        print(numbers, name, *[f"{error:.1e}" for error in case.arrays[name]["values"]], flush=True)
    return case


strided = {"strides": (2, 2, 2, 2), "kernels": (10, 4, 4, 4)}
write(
    "encoders.json",
    {
        "cpc": encoder(CPCNetwork(), {"stride": 1}, 2, 200),
        "cpc.strided": encoder(CPCNetwork(**strided), {"stride": 2}, 2, 320),
        **{f"xresnet{depth}": encoder(XResNet1d(depth=depth), {"depth": depth}, 4, 250) for depth in (18, 34, 50, 101)},
        "uresnet": encoder(UResNet(dropout=0), {}, 2, 4096),
    },
)
