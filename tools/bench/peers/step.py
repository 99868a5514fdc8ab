"""The peers of `bench step`: each line of JSON on stdin is a round, answered by one on stdout.

    {"work": "cpc", "precision": "f32", "layout": "plain", "threads": 2, "steps": 20}
    {"count": 20, "seconds": 81.2, "median": 4.05, "checksum": 0, "loss": 154.8, "peak": 2893864960, "idle": 402653184}

    pip install numpy torch

A step is forward, loss, backward and optimiser, of PyTorch in eager mode, on a batch that is in memory. The works:

cpc       CPCNetwork on 32 × 12 × 1000; InfoNCE 12 tokens ahead against 128 negatives of the same sequence; AdamW.
simclr    xresnet1d50 on two views of 256 × 12 × 250 as one batch, head 512-512-16; NT-Xent at temperature 0.5; Adam.
uresnet   UResNet with dropout 0.2 on 16 × 12 × 4096, a quarter of the blocks of 64 samples masked; MSE on these; Adam.

"precision" is f32, or bf16 by autocast. "layout" is plain, or channels-last: convolutions, normalisations and pools are
over [B, C, 1, T] in that memory format, since PyTorch has it for images only. Each batch of negatives is drawn anew.

Each kind of round has a process of its own, which lives through all of its rounds and has warmed up by 3 steps.
"median" is that of the steps, in seconds. "peak" is the largest resident size of that process so far (VmHWM in
/proc/self/status) in bytes, "idle" what it was before there was a network. The networks are those of
tools/python/einthoven, with drawn data and weights; therefore the checksum is 0. The loss is that of the last step.
"""

import json
import math
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

# What libraries print has no place among the answers.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def say(**values):
    print(json.dumps(values), file=ANSWERS, flush=True)


try:
    import torch
    from torch import nn
    from torch.nn import functional
except ModuleNotFoundError as error:
    say(missing=error.name)
    sys.exit(0)

sys.path.append(str(Path(__file__).resolve().parents[2] / "python"))
from einthoven.networks import CPCNetwork, UResNet, XResNet1d  # noqa: E402

WARM_UP = 3


def peak():
    """The largest resident size of this process so far, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status has no VmHWM")


def over_images(network):
    """The network with its layers over time made layers over images of height 1, weights in channels-last."""
    for name, layer in network.named_children():
        if isinstance(layer, (nn.Conv1d, nn.ConvTranspose1d)):
            options = {"stride": (1, *layer.stride), "padding": (0, *layer.padding), "bias": layer.bias is not None}
            kind = nn.Conv2d
            if isinstance(layer, nn.ConvTranspose1d):
                kind, options["output_padding"] = nn.ConvTranspose2d, (0, *layer.output_padding)
            image = kind(layer.in_channels, layer.out_channels, (1, *layer.kernel_size), **options)
            image.load_state_dict({key: value.unsqueeze(2) for key, value in layer.state_dict().items()})
        elif isinstance(layer, nn.BatchNorm1d):
            image = nn.BatchNorm2d(layer.num_features)
            image.load_state_dict(layer.state_dict())
        elif isinstance(layer, nn.MaxPool1d):
            image = nn.MaxPool2d((1, layer.kernel_size), (1, layer.stride), (0, layer.padding))
        elif isinstance(layer, nn.AvgPool1d):
            image = nn.AvgPool2d((1, *layer.kernel_size), (1, *layer.stride), ceil_mode=layer.ceil_mode)
        else:
            image = over_images(layer)
        setattr(network, name, image)
    return network.to(memory_format=torch.channels_last)


class Work:
    """A network in training."""

    def __init__(self, network, layout):
        self.is_plain = layout == "plain"
        self.network = network if self.is_plain else over_images(network)
        # Layers made again have drawn numbers too: the rest is the same in both layouts.
        torch.manual_seed(0)

    def signals(self, *shape):
        """Drawn signals [B, C, T], or [B, C, 1, T] in channels-last."""
        x = torch.randn(shape)
        return x if self.is_plain else x.unsqueeze(2).contiguous(memory_format=torch.channels_last)

    def step(self, precision):
        """One step; its loss."""
        self.optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            loss = self.loss()
        loss.backward()
        self.optimizer.step()
        return loss.item()


class CPC(Work):
    batch, samples, ahead, negatives = 32, 1000, 12, 128

    def __init__(self, layout):
        super().__init__(CPCNetwork(), layout)
        self.x = self.signals(self.batch, 12, self.samples)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=1e-4, weight_decay=1e-3, fused=True)

    def loss(self):
        # As the network's own forward pass, whose tokens have no height.
        tokens = self.network.encoder(self.x).flatten(2).transpose(1, 2)
        context = self.network.lstm(tokens)[0]
        steps = self.samples - self.ahead
        predictions = self.network.predictor(context[:, :steps])
        # All scores of a sequence cost less than gathering 129 tokens for each of its positions.
        scores = predictions @ tokens.transpose(1, 2)
        positive = torch.arange(self.ahead, self.samples)[:, None]
        negative = torch.randint(self.samples - 1, (self.batch, steps, self.negatives))
        negative += negative >= positive
        candidates = torch.cat([positive.expand(self.batch, -1, -1), negative], 2)
        logits = scores.gather(2, candidates).float().flatten(0, 1)
        target = torch.zeros(len(logits), dtype=torch.int64)
        return functional.cross_entropy(logits, target, reduction="sum") / self.batch


class SimCLR(Work):
    batch, samples, temperature = 256, 250, 0.5

    def __init__(self, layout):
        super().__init__(XResNet1d(depth=50), layout)
        self.head = nn.Sequential(nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 16))
        self.x = self.signals(2 * self.batch, 12, self.samples)
        parameters = [*self.network.parameters(), *self.head.parameters()]
        self.optimizer = torch.optim.Adam(parameters, lr=2.29e-3, fused=True)
        self.target = (torch.arange(2 * self.batch) + self.batch) % (2 * self.batch)

    def loss(self):
        z = self.head(self.network.features(self.x).flatten(1))
        with torch.autocast("cpu", enabled=False):
            z = functional.normalize(z.float())
            similarity = z @ z.T / self.temperature
            similarity.fill_diagonal_(-torch.inf)
            return functional.cross_entropy(similarity, self.target)


class Completion(Work):
    batch, samples, block = 16, 4096, 64

    def __init__(self, layout):
        super().__init__(UResNet(), layout)
        self.x = self.signals(self.batch, 12, self.samples)
        blocks = torch.rand(self.batch, 1, self.samples // self.block).argsort(2) < self.samples // self.block // 4
        self.mask = blocks.repeat_interleave(self.block, 2).float().reshape(self.batch, 1, *self.x.shape[2:])
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=1e-3, fused=True)
        self.masked = self.x * (1 - self.mask)
        self.count = 12 * self.mask.sum()

    def loss(self):
        error = self.network(self.masked).float() - self.x
        return (error.square() * self.mask).sum() / self.count


WORKS = {"cpc": CPC, "simclr": SimCLR, "uresnet": Completion}


def work(name, precision, layout, threads):
    """Answers rounds of one kind, as they come on stdin."""
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    idle = peak()
    contestant = WORKS[name](layout)
    for _ in range(WARM_UP):
        contestant.step(precision)
    for line in sys.stdin:
        times = []
        for _ in range(json.loads(line).get("steps", 20)):
            start = time.perf_counter()
            loss = contestant.step(precision)
            times.append(time.perf_counter() - start)
        assert math.isfinite(loss), loss
        say(
            count=len(times), seconds=sum(times), median=median(times), checksum=0, loss=loss, peak=peak(), idle=idle
        )  # fmt: skip


class Worker:
    """The process of one kind of round."""

    def __init__(self, *kind):
        threads = {name: kind[-1] for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
        self.process = subprocess.Popen(
            [sys.executable, "-B", __file__, *kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | threads,
        )

    def answer(self, line):
        self.process.stdin.write(line)
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "a worker has ended; its message stands above"
        return json.loads(answer)


def main():
    say(versions=f"torch {torch.__version__}, Python {platform.python_version()}")
    workers = {}
    for line in sys.stdin:
        command = json.loads(line)
        kind = (command["work"], command["precision"], command.get("layout", "plain"), str(command.get("threads", 2)))
        assert kind[0] in WORKS and kind[1] in ("f32", "bf16") and kind[2] in ("plain", "channels-last"), kind
        if kind not in workers:
            workers[kind] = Worker(*kind)
        say(**workers[kind].answer(line))


if __name__ == "__main__":
    work(*sys.argv[1:]) if len(sys.argv) > 1 else main()
