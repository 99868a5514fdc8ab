"""Writes Fixtures/golden/objectives.json: losses of embeddings with their gradients, as PyTorch computes them.

    python tools/golden/objectives.py

Needs numpy and torch. Embeddings are drawn and rounded to Float32, everything is computed in Float64 as the papers
define it, exponentials and all. A case has its inputs by name, the `loss` [1], and `gradient.<input>`.

    ntxent.*    x [2 N, D]
    byol        predictions, targets [2 N, D], the second views behind the first
    swav.*      x [V B, D], prototypes [K, D], codes [A, B, K]; queue [A, Q, D] where there is one
    head.*      the head's state, x, y, the `gradient` to go back from, and that of its parameters
    health      x, second [N, D]; standardDeviation, uniformity, alignment [1]
"""

import math

import torch
from cases import Case, write
from torch import nn
from torch.nn import functional


def finish(case, loss, **inputs):
    case.keep("loss", loss[None])
    loss.backward()
    for name, tensor in inputs.items():
        case.keep(f"gradient.{name}", tensor.grad)
    return case


def ntxent(seed, pairs, width, temperature, is_original):
    """Chen et al. (2020), equation 1; the original's sum is over all, less e."""
    case = Case(seed)
    case.numbers = {"temperature": temperature, "isOriginal": int(is_original)}
    x = case.draw("x", 2 * pairs, width)
    z = functional.normalize(x)
    exponentials = torch.exp(z @ z.T / temperature)
    own = torch.full((2 * pairs,), math.e, dtype=torch.float64) if is_original else exponentials.diag()
    others = torch.arange(2 * pairs).roll(pairs)
    right = exponentials[torch.arange(2 * pairs), others]
    return finish(case, -torch.log(right / (exponentials.sum(1) - own)).mean(), x=x)


def byol(seed, pairs, width):
    """Grill et al. (2020), equation 2 both ways, less 4."""
    case = Case(seed)
    predictions, targets = (case.draw(name, 2 * pairs, width) for name in ("predictions", "targets"))
    (p1, p2), (z1, z2) = predictions.split(pairs), targets.detach().split(pairs)

    def distance(p, z):
        return (functional.normalize(p) - functional.normalize(z)).square().sum(1)

    return finish(case, (distance(p1, z2) + distance(p2, z1)).mean() - 4, predictions=predictions)


def codes(scores, epsilon, rounds):
    """Caron et al. (2020), section 3.1, of scores [N, K]: all prototypes have as much of the plan, and all samples."""
    plan = torch.exp(scores / epsilon)
    plan = plan / plan.sum()
    for _ in range(rounds):
        plan = plan / plan.sum(0, keepdim=True) / plan.shape[1]
        plan = plan / plan.sum(1, keepdim=True) / plan.shape[0]
    return plan / plan.sum(1, keepdim=True)


def swav(seed, views, code_views, batch, width, count, queue=0, epsilon=0.05, rounds=3, divides_by_all=False):
    case = Case(seed)
    case.numbers = {"views": views, "codeViews": code_views, "epsilon": epsilon, "rounds": rounds}
    case.numbers |= {"temperature": 0.1, "dividesByAllViews": int(divides_by_all)}
    x = case.draw("x", views * batch, width)
    drawn = functional.normalize(case.draw("prototypes", count, width)).detach().float().double()
    prototypes = case.keep("prototypes", drawn.requires_grad_())
    z = functional.normalize(x)
    scores = (z @ prototypes.T).reshape(views, batch, count)
    assigned = scores.detach()[:code_views]
    if queue:
        earlier = functional.normalize(case.draw("queue", code_views, queue, width).detach(), dim=2)
        assigned = torch.cat([assigned, earlier @ prototypes.detach().T], 1)
    q = case.keep("codes", torch.stack([codes(view, epsilon, rounds)[:batch] for view in assigned]))
    loss = 0
    for a in range(code_views):
        for v in range(views):
            if v != a:
                loss = loss - (q[a] * functional.log_softmax(scores[v] / 0.1, 1)).sum(1).mean()
    return finish(case, loss / (code_views * (views if divides_by_all else views - 1)), x=x, prototypes=prototypes)


def head(seed, inputs, hidden, outputs, is_normalized):
    case = Case(seed)
    case.numbers = {"inputs": inputs, "hidden": hidden, "outputs": outputs, "isNormalized": int(is_normalized)}
    first = nn.Linear(inputs, hidden, bias=not is_normalized)
    norm = [nn.BatchNorm1d(hidden)] if is_normalized else []
    network = nn.Sequential(first, *norm, nn.ReLU(), nn.Linear(hidden, outputs)).double()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.copy_(case.draw("drawn", *parameter.shape))
    del case.arrays["drawn"]
    for name, value in network.state_dict().items():
        case.keep(f"state.{name}", value)
    x = case.draw("x", 6, inputs)
    y = case.keep("y", network(x))
    y.backward(case.draw("gradient", *y.shape).detach())
    case.keep("gradient.x", x.grad)
    for name, parameter in network.named_parameters():
        case.keep(f"gradient.{name}", parameter.grad)
    return case


def health(seed, count, width):
    """Wang and Isola (2020), section 4.1."""
    case = Case(seed)
    x, second = (functional.normalize(case.draw(name, count, width).detach()) for name in ("x", "second"))
    case.keep("standardDeviation", (x.std(0, correction=0).mean() * math.sqrt(width))[None])
    case.keep("uniformity", torch.pdist(x).square().mul(-2).exp().mean().log()[None])
    case.keep("alignment", (x - second).norm(dim=1).square().mean()[None])
    return case


write(
    "objectives.json",
    {
        "ntxent": ntxent(1, 10, 5, 0.5, is_original=False),
        "ntxent.cold": ntxent(2, 7, 4, 0.1, is_original=False),
        "ntxent.original": ntxent(3, 10, 5, 0.5, is_original=True),
        "ntxent.original.cold": ntxent(4, 3, 4, 0.1, is_original=True),
        "byol": byol(5, 9, 6),
        "swav": swav(6, 6, 2, 8, 5, 11),
        "swav.queue": swav(7, 4, 2, 5, 6, 37, queue=40),
        "swav.hard": swav(8, 3, 3, 9, 5, 17, epsilon=0.02, rounds=10),
        "swav.original": swav(9, 6, 2, 4, 5, 7, divides_by_all=True),
        "swav.unbalanced": swav(10, 3, 1, 4, 5, 7, rounds=0),
        "head.simclr": head(11, 8, 7, 4, is_normalized=False),
        "head.byol": head(12, 8, 7, 4, is_normalized=True),
        "health": health(13, 40, 6),
    },
)
