"""Writes Fixtures/golden/encoder_files: small encoders as `save_encoder` stores them, and their features.

    python tools/golden/encoder_files.py

Needs numpy and torch. Sizes are other than the defaults. Weights are as PyTorch draws them; two passes in training have
moved the running statistics, which the features are computed with, in Float64. In features.json by the file's name:

    x           signals [2, leads, T]
    features    [2, F]
"""

import pathlib
import sys

import torch
from cases import FOLDER, Case, write

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "python"))
from einthoven.networks import CPCNetwork, UResNet, XResNet1d, save_encoder  # noqa: E402

torch.manual_seed(1)
cases = {}
(FOLDER / "encoder_files").mkdir(exist_ok=True)
for name, samples, network in (
    ("cpc", 20, CPCNetwork(width=5, hidden=4, layers=3)),
    ("cpc-strided", 64, CPCNetwork(width=5, hidden=4, layers=1, kernels=(10, 4, 3), strides=(4, 2, 1))),
    ("xresnet1d18", 70, XResNet1d(leads=3, depth=18, stem=(4, 5, 6), width=6, kernel=3)),
    ("xresnet1d50", 70, XResNet1d(depth=50, stem=(4, 4, 4), width=3)),
    ("uresnet", 32, UResNet(length=32, kernel=7, dropout=0.25, widths=(3, 4, 5))),
):
    network.method, network.rate_hz = name, 100
    case = Case(seed=len(cases))
    x = case.draw("x", 2, network.configuration["leads"], samples)
    for _ in range(2):
        network(torch.randn(4, *x.shape[1:]))
    save_encoder(network, FOLDER / "encoder_files" / f"{name}.safetensors")
    case.keep("features", network.double().eval().features(x))
    cases[name] = case
write("encoder_files/features.json", cases)
