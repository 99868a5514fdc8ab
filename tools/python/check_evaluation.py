"""Proves that an evaluation's scores are what PyTorch makes of the same checkpoint and shards.

    python tools/python/check_evaluation.py SHARDS RUN

RUN is a finished `einthoven evaluate`. Its `best.safetensors` is loaded, strictly, into the network written here in
plain PyTorch; the test windows are cut from the shards with NumPy; the mean of each record's sigmoids is compared with
`predictions.csv`, and the macro AUC, computed anew from ranks, with `result.json`.

Exit code 1 if they differ. Needs numpy, scipy, safetensors, torch and pyyaml.
"""

import argparse
import csv
import json
import sys
from pathlib import Path

import numpy as np
import torch
import yaml
from safetensors.torch import load_file
from scipy.stats import rankdata

from shard_directory import MISSING, read_manifest, read_shard


class Network(torch.nn.Module):
    """Four 1x1 convolutions, an LSTM, a linear layer on [mean, max, last]: Mehari and Strodthoff 2022."""

    def __init__(self, width, hidden, layers, classes):
        super().__init__()
        blocks = [
            torch.nn.Sequential(torch.nn.Conv1d(inputs, width, 1, bias=False), torch.nn.BatchNorm1d(width))
            for inputs in (12, width, width, width)
        ]
        self.encoder = torch.nn.Sequential(*blocks)
        self.lstm = torch.nn.LSTM(width, hidden, layers, batch_first=True)
        self.predictor = torch.nn.Linear(hidden, width, bias=False)
        self.head = torch.nn.Linear(3 * hidden, classes)

    def forward(self, x):
        for block in self.encoder:
            x = torch.relu(block(x))
        context, _ = self.lstm(x.transpose(1, 2))
        features = torch.cat([context.mean(1), context.max(1).values, context[:, -1]], 1)
        return torch.sigmoid(self.head(features))


def macro_auc(scores, targets):
    areas = []
    for column in range(targets.shape[1]):
        positive = targets[:, column] > 0.5
        p, n = positive.sum(), (~positive).sum()
        if p and n:
            ranks = rankdata(scores[:, column])
            areas.append((ranks[positive].sum() - p * (p + 1) / 2) / (p * n))
    return float(np.mean(areas))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shards", type=Path)
    parser.add_argument("run", type=Path)
    arguments = parser.parse_args()

    manifest = read_manifest(arguments.shards)
    recipe = yaml.safe_load((arguments.run / "recipe.yaml").read_text())
    result = json.loads((arguments.run / "result.json").read_text())
    with open(arguments.run / "predictions.csv", newline="") as file:
        rows = list(csv.reader(file))
    classes = (len(rows[0]) - 2) // 2
    ours = {row[0]: np.array(row[2 : 2 + classes], dtype=np.float64) for row in rows[1:]}
    targets = np.array([row[2 + classes :] for row in rows[1:]], dtype=np.float64)

    sizes = recipe["sizes"]
    network = Network(sizes["width"], sizes["hidden"], sizes["layers"], classes).eval()
    network.load_state_dict(load_file(arguments.run / "best.safetensors"))

    mean = np.array(manifest["statistics"]["mean_mv"])
    sd = np.array(manifest["statistics"]["sd_mv"])
    sd[sd == 0] = 1
    difference = 0.0
    scores = {}
    for entry in manifest["shards"]:
        tensors, _ = read_shard(arguments.shards / entry["file"])
        ids = [bytes(row).rstrip(b"\0").decode() for row in tensors["record_id"]]
        for index, name in enumerate(ids):
            if name not in ours:
                continue
            start, end = tensors["record_offset"][index : index + 2].astype(int)
            counts = tensors["signal"][start:end]
            values = (counts * tensors["scale_uv"][index].astype(np.float64) / 1000 - mean) / sd
            values[counts == MISSING] = 0
            frames = round(recipe["crop"] * float(tensors["rate_hz"][index]))
            step = round(recipe["stride"] * float(tensors["rate_hz"][index]))
            last = max(0, len(values) - frames)
            starts = list(range(0, last + 1, step))
            if starts[-1] < last:
                starts.append(last)
            windows = np.stack([values[s : s + frames].T for s in starts]).astype(np.float32)
            with torch.no_grad():
                scores[name] = network(torch.from_numpy(windows)).mean(0).numpy().astype(np.float64)
            difference = max(difference, float(np.abs(scores[name] - ours[name]).max()))
    missing = set(ours) - set(scores)
    auc = macro_auc(np.stack([scores[row[0]] for row in rows[1:]]), targets) if not missing else float("nan")
    good = not missing and difference < 1e-4 and abs(auc - result["macro_auc"]) < 1e-3
    print(
        f"{'ok' if good else 'FAILED'}: {len(ours)} records, scores within {difference:.1e}, "
        f"macro AUC {result['macro_auc']:.5f} and {auc:.5f} by PyTorch"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
