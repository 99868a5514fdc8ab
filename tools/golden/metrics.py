"""Writes Fixtures/golden/metrics.json: figures of scored records as scikit-learn computes them.

    python tools/golden/metrics.py

Needs numpy and scikit-learn. Scores are Float32, drawn with and without ties; classes may lack an outcome, and are null then.
A case has scores and targets [N][C], weights [N], and, unweighted and weighted, `area` and `precision` by class. `thresholds`
[C] are arbitrary scores, `f` and `g` those of beta = 2 at them, each record weighted by 1 / number of its labels; `f` is
scikit-learn's, `g` and `fmax` are computed here as defined. `thresholdsF` and `thresholdsG` make f and g of these records as
high as can be, the highest of several, found by trying all.
"""

import json
import pathlib
import warnings

import numpy
from sklearn.metrics import average_precision_score, fbeta_score, roc_auc_score

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Fixtures" / "golden"


def by_class(figure, targets, scores, weights, needs_both):
    found = []
    for column in range(targets.shape[1]):
        truth = targets[weights > 0, column]
        defined = truth.any() and (not needs_both or not truth.all())
        found.append(float(figure(targets[:, column], scores[:, column], sample_weight=weights)) if defined else None)
    return found


def g_score(truth, answers, weights, beta=2):
    right = weights[truth & answers].sum()
    total = right + weights[~truth & answers].sum() + beta * weights[truth & ~answers].sum()
    return float(right / total) if total > 0 else None


def f_score(truth, answers, weights, beta=2):
    if not (truth | answers).any():
        return None
    return float(fbeta_score(truth, answers, beta=beta, sample_weight=weights, zero_division=0))


def best(figure, truth, scores, weights):
    values = [(figure(truth, scores >= threshold, weights) or 0, float(threshold)) for threshold in numpy.unique(scores)]
    value, threshold = max(values)
    return threshold if value > 0 else None


def fmax(targets, scores):
    found = []
    for step in range(101):
        answers = scores >= numpy.float32(step) / numpy.float32(100)
        right = (answers & targets).sum(1)
        chosen, labels = answers.sum(1), targets.sum(1)
        if not chosen.any() or not labels.any():
            continue
        p = (right[chosen > 0] / chosen[chosen > 0]).mean()
        r = (right[labels > 0] / labels[labels > 0]).mean()
        found.append(2 * p * r / (p + r) if p + r else 0.0)
    return float(max(found)) if found else None


def case(seed, records, classes, levels=0, rate=0.3, empty=0, full=0):
    random = numpy.random.RandomState(seed)
    targets = random.uniform(size=(records, classes)) < rate
    targets[:, :empty] = False
    targets[:, empty:empty + full] = True
    scores = 1 / (1 + numpy.exp(-(targets * 1.0 + random.standard_normal((records, classes)))))
    if levels:
        scores = numpy.round(scores * levels) / levels
    scores = scores.astype(numpy.float32)
    weights = random.multinomial(records, numpy.full(records, 1 / records)).astype(float)
    share = 1 / numpy.maximum(1, targets.sum(1))
    thresholds = numpy.quantile(scores, 0.7, axis=0).astype(numpy.float32)
    columns = range(classes)
    return {
        "scores": [[float(value) for value in row] for row in scores],
        "targets": targets.astype(int).tolist(),
        "weights": weights.astype(int).tolist(),
        "area": by_class(roc_auc_score, targets, scores, numpy.ones(records), True),
        "precision": by_class(average_precision_score, targets, scores, numpy.ones(records), False),
        "weightedArea": by_class(roc_auc_score, targets, scores, weights, True),
        "weightedPrecision": by_class(average_precision_score, targets, scores, weights, False),
        "thresholds": [float(value) for value in thresholds],
        "f": [f_score(targets[:, c], scores[:, c] >= thresholds[c], share) for c in columns],
        "g": [g_score(targets[:, c], scores[:, c] >= thresholds[c], share) for c in columns],
        "thresholdsF": [best(f_score, targets[:, c], scores[:, c], share) for c in columns],
        "thresholdsG": [best(g_score, targets[:, c], scores[:, c], share) for c in columns],
        "fmax": fmax(targets, scores),
    }


def main():
    warnings.simplefilter("error")
    cases = {
        "random": case(1, 200, 5),
        "ties": case(2, 150, 4, levels=5),
        "two levels": case(3, 60, 3, levels=1),
        "without outcomes": case(4, 40, 5, empty=2, full=1),
        "rare": case(5, 300, 6, rate=0.01),
        "a record": case(6, 1, 3, rate=0.5),
        "two records": case(7, 2, 4, rate=0.5),
    }
    path = FOLDER / "metrics.json"
    path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
    print(path, path.stat().st_size, "bytes")


main()
