"""The encoders of ECGTraining as PyTorch modules, under the same names: what is trained there serves here, and back.

    from einthoven.networks import load_encoder, save_encoder

    encoder = load_encoder("runs/cpc/encoder.safetensors").eval()
    features = encoder.features(batch)  # batch: Float32 [B, 12, T] at encoder.rate_hz, normalised

`CPCNetwork` and `XResNet1d` after Mehari and Strodthoff, Comput. Biol. Med. 141, 2022; `UResNet` after Gedon, Ribeiro,
Wahlström and Schön, CinC 2021. Shapes: B signals, C channels, T samples.
"""

import json
import math
import os

import numpy as np
import torch
from torch import nn

from .errors import ECGError
from .safetensors import read_exactly, read_table, tensor_places


class Encoder(nn.Module):
    """A network with `features` of a signal, [B, feature_count].

    `method` is how it was pretrained and `rate_hz` the sampling rate that it was trained at; None where unknown.
    `architecture` and `configuration`, its sizes by the names that files have for them, say what it is.
    """

    method = None
    rate_hz = None


def convolution(inputs, outputs, kernel, stride=1, relu=True):
    """Convolution without bias, batch normalisation and, if asked for, ReLU."""
    layers = [
        nn.Conv1d(inputs, outputs, kernel, stride, (kernel - 1) // 2, bias=False),
        nn.BatchNorm1d(outputs),
    ]
    return nn.Sequential(*layers, nn.ReLU()) if relu else nn.Sequential(*layers)


def initialize(network):
    """Convolutions from He et al.'s normal distribution, by their inputs."""
    for module in network.modules():
        if isinstance(module, (nn.Conv1d, nn.ConvTranspose1d)):
            nn.init.kaiming_normal_(module.weight)


class CPCNetwork(Encoder):
    """Contrastive predictive coding: four convolutions, an LSTM, a linear predictor; 5.26 million parameters.

    The paper's alternative has `strides=(2, 2, 2, 2), kernels=(10, 4, 4, 4)`, a token per 16 samples.
    """

    def __init__(self, leads=12, width=512, hidden=512, layers=2, strides=(1, 1, 1, 1), kernels=(1, 1, 1, 1)):
        super().__init__()
        inputs = (leads, *[width] * (len(kernels) - 1))
        self.encoder = nn.Sequential(
            *(
                nn.Sequential(
                    nn.Conv1d(size, width, kernel, stride, (kernel - (1 if kernel % 2 else stride)) // 2, bias=False),
                    nn.BatchNorm1d(width),
                    nn.ReLU(),
                )
                for size, kernel, stride in zip(inputs, kernels, strides, strict=True)
            )
        )
        self.lstm = nn.LSTM(width, hidden, layers, batch_first=True)
        self.predictor = nn.Linear(hidden, width, bias=False)
        self.strides = tuple(strides)
        self.feature_count = 3 * hidden
        self.architecture = "cpc"
        self.configuration = {
            "leads": leads,
            "width": width,
            "hidden": hidden,
            "layers": layers,
            "kernels": list(kernels),
            "strides": list(strides),
        }

    def forward(self, x):
        """Tokens [B, T', width] and context [B, T', hidden] of signals [B, leads, T]; `predictor` maps one to other."""
        tokens = self.encoder(x).transpose(1, 2)
        return tokens, self.lstm(tokens)[0]

    def features(self, x):
        """Mean, maximum and last step of the context."""
        context = self(x)[1]
        return torch.cat([context.mean(1), context.amax(1), context[:, -1]], 1)


# Blocks of each stage, and whether they are bottlenecks.
DEPTHS = {
    18: ((2, 2, 2, 2), False),
    34: ((3, 4, 6, 3), False),
    50: ((3, 4, 6, 3), True),
    101: ((3, 4, 23, 3), True),
}


class ResidualBlock(nn.Module):
    """Two convolutions, or a bottleneck of three that widens fourfold, and a shortcut: [B, C, T] → [B, C', ⌈T/s⌉]."""

    def __init__(self, inputs, width, kernel, stride, is_bottleneck):
        super().__init__()
        if is_bottleneck:
            outputs = 4 * width
            self.path = nn.Sequential(
                convolution(inputs, width, 1),
                convolution(width, width, kernel, stride),
                convolution(width, outputs, 1, relu=False),
            )
        else:
            outputs = width
            self.path = nn.Sequential(
                convolution(inputs, width, kernel, stride), convolution(width, outputs, kernel, relu=False)
            )
        self.pool = nn.AvgPool1d(2, 2, ceil_mode=True) if stride == 2 else nn.Identity()
        self.shortcut = convolution(inputs, outputs, 1, relu=False) if inputs != outputs else nn.Identity()
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.path(x) + self.shortcut(self.pool(x)))


class XResNet1d(Encoder):
    """A narrow xresnet1d of depth 18, 34, 50 or 101; 886,400 parameters at depth 50. One step per 32 samples."""

    def __init__(self, leads=12, depth=50, stem=(32, 32, 64), width=64, kernel=5):
        super().__init__()
        blocks, is_bottleneck = DEPTHS[depth]
        sizes = (leads, *stem)
        self.stem = nn.Sequential(
            *(
                convolution(inputs, outputs, kernel, 2 if place == 0 else 1)
                for place, (inputs, outputs) in enumerate(zip(sizes, sizes[1:]))
            )
        )
        self.pool = nn.MaxPool1d(3, 2, 1)
        channels = 4 * width if is_bottleneck else width
        inputs = stem[-1]
        stages = []
        for stage, count in enumerate(blocks):
            strides = [2 if stage > 0 else 1] + [1] * (count - 1)
            row = []
            for stride in strides:
                row.append(ResidualBlock(inputs, width, kernel, stride, is_bottleneck))
                inputs = channels
            stages.append(nn.Sequential(*row))
        self.stages = nn.Sequential(*stages)
        self.feature_count = 2 * channels
        self.architecture = f"xresnet1d{depth}"
        self.configuration = {"leads": leads, "depth": depth, "stem": list(stem), "width": width, "kernel": kernel}
        initialize(self)
        for stage in self.stages:
            for block in stage:
                # Each block starts as its shortcut.
                nn.init.zeros_(block.path[-1][1].weight)

    def forward(self, x):
        """The last stage, [B, C, ⌈T/32⌉], of signals [B, leads, T]."""
        return self.stages(self.pool(self.stem(x)))

    def features(self, x):
        """Maximum and mean over time."""
        y = self(x)
        return torch.cat([y.amax(-1), y.mean(-1)], 1)


class StreamBlock(nn.Module):
    """A block of the U-ResNet on its two streams: x through two convolutions, y past them; both follow from the sum.

    `resize` is the second convolution, `shrink` and `skip` what brings y to the same shape.
    """

    def __init__(self, inputs, outputs, kernel, resize, shrink, skip, dropout):
        super().__init__()
        self.conv1 = nn.Conv1d(inputs, outputs, kernel, 1, (kernel - 1) // 2, bias=False)
        self.bn1 = nn.BatchNorm1d(outputs)
        self.conv2 = resize
        self.shrink = shrink
        self.skip = skip
        self.bn2 = nn.BatchNorm1d(outputs)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, y):
        x = self.conv2(self.dropout(self.relu(self.bn1(self.conv1(x)))))
        y = x + self.skip(self.shrink(y))
        return self.dropout(self.relu(self.bn2(y))), y


def down_block(inputs, outputs, kernel, stride, dropout):
    """A block that divides the length by `stride`."""
    # T/s for any odd kernel, where s divides T.
    resize = nn.Conv1d(outputs, outputs, kernel, stride, (kernel - stride + 1) // 2, bias=False)
    shrink = nn.MaxPool1d(stride) if stride > 1 else nn.Identity()
    skip = nn.Conv1d(inputs, outputs, 1, bias=False) if inputs != outputs else nn.Identity()
    return StreamBlock(inputs, outputs, kernel, resize, shrink, skip, dropout)


def up_block(inputs, outputs, kernel, dropout):
    """A block that makes the length fourfold."""
    resize = nn.ConvTranspose1d(outputs, outputs, kernel, 4, (kernel - 3) // 2, output_padding=1, bias=False)
    skip = nn.ConvTranspose1d(inputs, outputs, 1, 4, output_padding=3, bias=False)
    return StreamBlock(inputs, outputs, kernel, resize, nn.Identity(), skip, dropout)


class UResNet(Encoder):
    """Masked completion: a residual encoder and decoder on two streams, 12 × `length` → the same shape.

    `widths` are the channels of the stem and of the blocks behind it. `length` is a multiple of 4 for each of these;
    only the number of features depends on it.
    """

    def __init__(self, leads=12, length=4096, kernel=17, dropout=0.2, widths=(64, 128, 196, 256, 320)):
        super().__init__()
        self.stem = convolution(leads, widths[0], kernel)
        self.encoder = nn.ModuleList(
            down_block(inputs, outputs, kernel, 4, dropout) for inputs, outputs in zip(widths, widths[1:])
        )
        self.bottleneck = down_block(widths[-1], widths[-1], kernel, 1, dropout)
        self.decoder = nn.ModuleList(
            up_block(2 * inputs, outputs, kernel, dropout) for inputs, outputs in zip(widths[:0:-1], widths[-2::-1])
        )
        self.head = nn.Sequential(
            convolution(2 * widths[0], widths[0], kernel),
            nn.Conv1d(widths[0], leads, kernel, 1, (kernel - 1) // 2, bias=False),
        )
        self.feature_count = widths[-1] * length // 4 ** (len(widths) - 1)
        self.architecture = "uresnet"
        self.configuration = {
            "leads": leads,
            "frames": length,
            "channels": list(widths),
            "kernel": kernel,
            "dropout": dropout,
        }
        initialize(self)

    def encoded(self, x):
        """The stem's output, each encoder block's x stream, and both streams after the bottleneck."""
        x = y = stem = self.stem(x)
        outputs = []
        for block in self.encoder:
            x, y = block(x, y)
            outputs.append(x)
        return stem, outputs, *self.bottleneck(x, y)

    def forward(self, x):
        """The completed signals, [B, leads, T]."""
        stem, outputs, x, y = self.encoded(x)
        for block, other in zip(self.decoder, reversed(outputs)):
            x, y = block(torch.cat([x, other], 1), torch.cat([y, other], 1))
        return self.head(torch.cat([x, stem], 1))

    def features(self, x):
        """The bottleneck's x stream, channels × time in one row; the decoder is not used."""
        return self.encoded(x)[2].flatten(1)


def load_encoder(path):
    """The network that an `encoder.safetensors` holds, in training mode as modules are.

    The file says which it is. Where it does not, sizes follow from the tensors: a CPC convolution with a kernel of 1
    has stride 1, with a longer one stride 2, and a U-ResNet takes 4096 samples.

    Raises ECGError if the file is none that can be read, or its tensors are no such network's.
    """
    tensors, metadata = _read(path)
    # On no device: nothing is allocated before all shapes are known to be those of the file.
    with torch.device("meta"):
        if "architecture" in metadata and "configuration" in metadata:
            network = _network_named(metadata["architecture"], metadata["configuration"], path)
        else:
            network = _network_of({name: tensor.shape for name, tensor in tensors.items()})
    if network is None:
        raise ECGError("its tensors are no encoder's", code="unsupported", file=path)
    wanted = network.state_dict()
    for name in sorted(wanted.keys() | tensors.keys()):
        if name not in wanted or name not in tensors:
            what = "is absent" if name in wanted else "is no part of this encoder"
            raise ECGError(f"its tensor {name} {what}", code="mismatch", file=path)
        if wanted[name].shape != tensors[name].shape:
            shapes = f"{list(tensors[name].shape)}, not {list(wanted[name].shape)}"
            raise ECGError(f"its tensor {name} has shape {shapes}", code="mismatch", file=path)
        if wanted[name].dtype != tensors[name].dtype:
            raise ECGError(f"its tensor {name} is of another type", code="mismatch", file=path)
    network.load_state_dict(tensors, assign=True)
    network.method = metadata.get("method")
    if "rate_hz" in metadata:
        try:
            network.rate_hz = float(metadata["rate_hz"])
        except ValueError:
            raise ECGError("its rate_hz is no number", code="malformed", file=path) from None
    return network


def save_encoder(network, path):
    """Writes a network as `einthoven pretrain` does, by rename: `einthoven evaluate --encoder` takes it.

    Tensors are F32, `num_batches_tracked` I64; the file's metadata keeps `method`, `rate_hz`, what network it is and
    its sizes.
    """
    metadata = {
        "architecture": network.architecture,
        "configuration": json.dumps(network.configuration, separators=(",", ":"), sort_keys=True),
    }
    if network.method is not None:
        metadata["method"] = network.method
    if network.rate_hz is not None:
        metadata["rate_hz"] = repr(float(network.rate_hz))
    header, parts, end = {"__metadata__": metadata}, [], 0
    for name, tensor in network.state_dict().items():
        kind, dtype = ("I64", "<i8") if tensor.dtype == torch.int64 else ("F32", "<f4")
        if kind == "F32" and not torch.isfinite(tensor).all():
            raise ECGError(f"{name} has values that are no numbers")
        data = tensor.detach().cpu().numpy().astype(dtype).tobytes()
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [end, end + len(data)]}
        parts.append(data)
        end += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    unfinished = f"{path}.unfinished"
    with open(unfinished, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)


def _read(path):
    """(name → tensor, metadata) of a safetensors file of F32 and I64."""
    try:
        with open(path, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            table, metadata, offset = read_table(file, size, path)
            places = tensor_places(table, offset, size, path)
            data = bytearray(read_exactly(file, size - offset, path))
    except FileNotFoundError:
        raise ECGError("does not exist", code="not-found", file=path) from None
    except OSError as error:
        raise ECGError(f"cannot be read: {error.strerror}", code="input-output", file=path) from None
    types = {"F32": "<f4", "I64": "<i8"}
    tensors = {}
    for name, (kind, shape, begin, _) in places.items():
        if kind not in types:
            raise ECGError(f"tensor {name} is of type {kind}, neither F32 nor I64", code="unsupported", file=path)
        array = np.frombuffer(data, types[kind], math.prod(shape), begin).reshape(shape)
        if not np.isfinite(array).all():
            raise ECGError(f"tensor {name} has values that are no numbers", code="malformed", file=path)
        # A copy: each parameter has memory of its own.
        tensors[name] = torch.from_numpy(array.astype(types[kind][1:]))
    return tensors, metadata.value


# By architecture: the class, and its arguments by the names that files have for them.
KINDS = {
    "cpc": (CPCNetwork, {name: name for name in ("leads", "width", "hidden", "layers", "kernels", "strides")}),
    **{
        f"xresnet1d{depth}": (XResNet1d, {name: name for name in ("leads", "depth", "stem", "width", "kernel")})
        for depth in DEPTHS
    },
    "uresnet": (
        UResNet,
        {"leads": "leads", "frames": "length", "channels": "widths", "kernel": "kernel", "dropout": "dropout"},
    ),
}


def _network_named(architecture, configuration, path):
    """The network that a file says it holds; ECGError if its sizes make none."""
    if architecture not in KINDS:
        raise ECGError(f"holds a network of an unknown kind, {architecture}", code="unsupported", file=path)
    kind, arguments = KINDS[architecture]
    try:
        sizes = json.loads(configuration)
        if type(sizes) is not dict or sizes.keys() != arguments.keys() or not _are_sizes(sizes):
            raise ValueError
        network = kind(**{arguments[name]: value for name, value in sizes.items()})
        if network.architecture != architecture:
            raise ValueError
        return network
    except (ValueError, KeyError, RuntimeError, RecursionError):
        raise ECGError("its sizes make no network", code="malformed", file=path) from None


def _are_sizes(sizes):
    """Whether sizes from a file are such that a network can be made of them, on no device."""

    def are_counts(values):
        return 1 <= len(values) <= 1024 and all(type(value) is int and 1 <= value <= 1 << 30 for value in values)

    dropout = sizes.get("dropout", 0)
    values = [value for name, value in sizes.items() if name != "dropout"]
    if type(dropout) not in (int, float) or not 0 <= dropout < 1:
        return False
    if not all(are_counts(value if type(value) is list else [value]) for value in values):
        return False
    for name, value in sizes.items():
        if (type(value) is list) != (name in ("kernels", "strides", "stem", "channels")):
            return False
    if any(kernel < stride for kernel, stride in zip(sizes.get("kernels", ()), sizes.get("strides", ()))):
        return False
    if "channels" in sizes and (len(sizes["channels"]) > 16 or sizes["frames"] % 4 ** (len(sizes["channels"]) - 1)):
        return False
    return sizes.get("layers", 1) <= 1024 and sizes.get("kernel", 3) % 2 == 1 and sizes.get("kernel", 3) > 1


def _network_of(shapes):
    """The network whose tensors could have such shapes, by their names; None if there is none."""

    def size(name, axis, rank=3):
        shape = shapes.get(name, ())
        return shape[axis] if len(shape) == rank and shape[axis] > 0 else None

    def count(pattern):
        places = 0
        while pattern.format(places) in shapes:
            places += 1
        return places

    if "lstm.weight_hh_l0" in shapes:
        kernels = [size(f"encoder.{place}.0.weight", 2) for place in range(count("encoder.{}.0.weight"))]
        leads, width = size("encoder.0.0.weight", 1), size("encoder.0.0.weight", 0)
        hidden, layers = size("lstm.weight_hh_l0", 1, rank=2), count("lstm.weight_hh_l{}")
        if None in (leads, width, hidden, *kernels):
            return None
        return CPCNetwork(leads, width, hidden, layers, [1 if kernel == 1 else 2 for kernel in kernels], kernels)
    if "stages.0.0.path.0.0.weight" in shapes:
        blocks = tuple(count(f"stages.{stage}.{{}}.path.0.0.weight") for stage in range(4))
        is_bottleneck = "stages.0.0.path.2.0.weight" in shapes
        depth = {value: key for key, value in DEPTHS.items()}.get((blocks, is_bottleneck))
        stem = [size(f"stem.{place}.0.weight", 0) for place in range(count("stem.{}.0.weight"))]
        leads, kernel = size("stem.0.0.weight", 1), size("stem.0.0.weight", 2)
        width = size("stages.0.0.path.0.0.weight", 0)
        if None in (depth, leads, kernel, width, *stem) or kernel % 2 == 0:
            return None
        return XResNet1d(leads, depth, stem, width, kernel)
    if "bottleneck.conv1.weight" in shapes:
        leads, kernel = size("stem.0.weight", 1), size("stem.0.weight", 2)
        if None not in (leads, kernel) and kernel % 2 == 1 and kernel > 1:
            return UResNet(leads, kernel=kernel)
    return None
