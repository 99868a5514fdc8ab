"""Compares the features of encoders that ECGTraining wrote with those that PyTorch computes of the same files.

    EINTHOVEN_ENCODERS=FOLDER swift test --filter EncoderFileTests
    python tools/python/check_encoders.py FOLDER

The test writes each network as NAME.safetensors, and as NAME.features.safetensors signals x and their features. Exit
code 1 if a network's features differ by more than 1e-5 of their norm, or if there are none.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

try:
    import torch
except ImportError:
    print("skipped: PyTorch is not installed, so no stored encoder was checked")
    sys.exit(0)

from einthoven.networks import load_encoder

LIMIT = 1e-5


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    paths = sorted(Path(parser.parse_args().folder).glob("*.features.safetensors"))
    worst = 0.0
    for path in paths:
        name = path.name.removesuffix(".features.safetensors")
        stored = load_file(path)
        network = load_encoder(path.with_name(f"{name}.safetensors")).eval()
        with torch.no_grad():
            features = network.features(torch.from_numpy(stored["x"])).numpy()
        same = features.shape == stored["features"].shape and network.method == name
        error = np.linalg.norm(features - stored["features"]) / np.linalg.norm(features) if same else np.inf
        if not error <= LIMIT:
            print(f"{path}: features differ by {error:.1e}")
        worst = max(worst, error)
    print(f"{len(paths)} encoders, features within {worst:.1e}")
    return 0 if paths and worst <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
