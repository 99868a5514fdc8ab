"""Writes Fixtures/golden/encoder_work.json: parameters and floating-point operations of encoders, as PyTorch counts them.

    python tools/golden/encoder_work.py

Needs torch. Operations are those of convolutions and matrix products in one forward pass of a signal, by PyTorch's counter
of what it executes; without oneDNN, so that an LSTM is matrix products too. By encoder: `samples`, `parameters`,
`operations`.
"""

import pathlib
import sys

import torch
from cases import Case, write
from torch.utils.flop_counter import FlopCounterMode

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "python"))
from einthoven.networks import CPCNetwork, UResNet, XResNet1d  # noqa: E402

cases = {}
with torch.backends.mkldnn.flags(enabled=False), torch.no_grad():
    for network, samples in (
        (CPCNetwork(), 1000),
        *((XResNet1d(depth=depth), 250) for depth in (18, 34, 50, 101)),
        (UResNet(), 4096),
    ):
        network.eval()
        counter = FlopCounterMode(display=False)
        with counter:
            result = network(torch.zeros(1, 12, samples))
            if isinstance(network, CPCNetwork):
                network.predictor(result[1])
        case = cases[network.architecture] = Case()
        case.numbers = {
            "samples": samples,
            "parameters": sum(parameter.numel() for parameter in network.parameters()),
            "operations": counter.get_total_flops(),
        }
        print(network.architecture, case.numbers)
write("encoder_work.json", cases)
