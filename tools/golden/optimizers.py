"""Writes Fixtures/golden/optimizers.json: ten steps of each optimiser, and schedules, as PyTorch computes them.

    python tools/golden/optimizers.py

Needs numpy and torch. All is computed in Float64 from drawn Float32 gradients. A case has the parameters `weight`
[4, 3] and `bias` [5] at the beginning, `gradient.weight.<step>` and `gradient.bias.<step>` for the steps 0 to 9, and
the parameters after each step. They are two groups: the second has a tenth of the learning rate and no weight decay.

LARS is not in PyTorch: it is written here after You, Gitman and Ginsburg (2017), algorithm 1, with parameters of one
dimension left unadapted.
"""

import torch
from cases import Case, write

STEPS = 10
NAMES = {"weight": (4, 3), "bias": (5,)}


def drawn(case, scales=(1.0,)):
    """The two parameters, and a function that sets the gradients of a step; scales take turns over the steps."""
    parameters = [case.draw(name, *shape) for name, shape in NAMES.items()]

    def set_gradients(step):
        for parameter, (name, shape) in zip(parameters, NAMES.items()):
            # A power of two, so that the product is a Float32 again.
            gradient = case.draw("drawn", *shape).detach() * scales[step % len(scales)]
            parameter.grad = case.keep(f"gradient.{name}.{step}", gradient)
        del case.arrays["drawn"]

    return parameters, set_gradients


def keep_step(case, parameters, step):
    for parameter, name in zip(parameters, NAMES):
        case.keep(f"{name}.{step}", parameter)


def groups(parameters, rate, decay):
    return [
        {"params": [parameters[0]], "lr": rate, "weight_decay": decay},
        {"params": [parameters[1]], "lr": rate * 0.1, "weight_decay": 0},
    ]


def optimized(seed, kind, rate, decay, warm_up=None, maximum_norm=None, scales=(1.0,), **options):
    """`warm_up`: steps s < warm_up have the factor (s + 1) / warm_up. `maximum_norm`: of all gradients together."""
    case = Case(seed)
    case.numbers = {"steps": STEPS, "learningRate": rate, "weightDecay": decay, "biasFactor": 0.1}
    case.numbers |= {"momentum": options["momentum"]} if "momentum" in options else {}
    case.numbers |= {"warmUp": warm_up} if warm_up else {}
    case.numbers |= {"maximumNorm": maximum_norm} if maximum_norm else {}
    parameters, set_gradients = drawn(case, scales)
    optimizer = kind(groups(parameters, rate, decay), **options)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min(1, (s + 1) / warm_up) if warm_up else 1)
    for step in range(STEPS):
        set_gradients(step)
        if maximum_norm:
            norm = torch.nn.utils.clip_grad_norm_(parameters, maximum_norm)
            case.keep(f"norm.{step}", norm[None])
        optimizer.step()
        schedule.step()
        keep_step(case, parameters, step)
    return case


def lars(seed, rate=1.0, decay=0.1, momentum=0.9, trust=0.001):
    """v ← m v + η λ (g + β w); w ← w − v, where λ = trust ‖w‖ / (‖g‖ + β ‖w‖), or 1 in one dimension."""
    case = Case(seed)
    case.numbers = {"steps": STEPS, "learningRate": rate, "weightDecay": decay, "biasFactor": 0.1}
    case.numbers |= {"momentum": momentum, "trust": trust}
    parameters, set_gradients = drawn(case)
    velocities = [torch.zeros_like(parameter) for parameter in parameters]
    for step in range(STEPS):
        set_gradients(step)
        with torch.no_grad():
            for parameter, velocity, group in zip(parameters, velocities, groups(parameters, rate, decay)):
                gradient, beta = parameter.grad, group["weight_decay"]
                local = 1.0
                if parameter.ndim > 1:
                    local = trust * parameter.norm() / (gradient.norm() + beta * parameter.norm())
                velocity.mul_(momentum).add_(group["lr"] * local * (gradient + beta * parameter))
                parameter.sub_(velocity)
        keep_step(case, parameters, step)
    return case


def moving_average(of, decay=0.99):
    """`average.<name>.<step>` over the parameters of a case: a ← τ a + (1 − τ) w from the first w on."""
    case = Case()
    case.numbers = {"steps": STEPS, "decay": decay}
    for name in NAMES:

        def values(key):
            case.arrays[key] = of.arrays[key]
            return torch.tensor(of.arrays[key]["values"], dtype=torch.float64).reshape(of.arrays[key]["shape"])

        average = values(name)
        for step in range(STEPS):
            average = decay * average + (1 - decay) * values(f"{name}.{step}")
            case.keep(f"average.{name}.{step}", average)
    return case


def schedules(steps=100, warm_up=10):
    """The learning rate's factor at each of 100 steps."""
    case = Case()
    case.numbers = {"steps": steps, "warmUp": warm_up}

    def factors(name, schedule):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1)
        schedule = schedule(optimizer)
        values = []
        for _ in range(steps):
            values.append(schedule.get_last_lr()[0])
            optimizer.step()
            schedule.step()
        case.keep(name, torch.tensor(values, dtype=torch.float64))

    of = torch.optim.lr_scheduler
    factors("constant", lambda optimizer: of.LambdaLR(optimizer, lambda step: 1))
    factors(
        "warmup_cosine",
        lambda optimizer: of.SequentialLR(
            optimizer,
            [
                of.LinearLR(optimizer, 1 / warm_up, 1, warm_up - 1),
                of.CosineAnnealingLR(optimizer, steps - warm_up),
            ],
            [warm_up],
        ),
    )
    factors("one_cycle", lambda optimizer: of.OneCycleLR(optimizer, 1, total_steps=steps, cycle_momentum=False))
    return case


adamw = optimized(3, torch.optim.AdamW, 0.01, 0.1)
write(
    "optimizers.json",
    {
        "adam": optimized(1, torch.optim.Adam, 0.01, 0.1),
        "adam.warmup": optimized(2, torch.optim.Adam, 0.01, 0.1, warm_up=4),
        "adamw": adamw,
        "sgd": optimized(4, torch.optim.SGD, 0.1, 1e-4, momentum=0.9),
        "sgd.nesterov": optimized(5, torch.optim.SGD, 0.1, 1e-4, momentum=0.9, nesterov=True),
        "lars": lars(6),
        "clip": optimized(7, torch.optim.SGD, 0.1, 0, maximum_norm=1.0, scales=(1.0, 0.125), momentum=0.9),
        "ema": moving_average(adamw),
        "schedules": schedules(),
    },
)
