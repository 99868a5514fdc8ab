"""Writes Fixtures/golden/augmentations.json: what NumPy makes of a small crop by each augmentation.

Run from the repository's root, with NumPy installed:

    python tools/golden/augmentations.py

It follows the doc comments of Augmentation.Kind and of the functions that draw, draw by draw, in float64.
"""

import json
import math

import numpy as np

FRAMES = 48
LEADS = 12
MASK = (1 << 64) - 1
# Wander, electromyogram, powerline, shift; the levels that are asked for.
MAXIMA = {3: (0.1, 1, 0.2, 2), 6: (0.3, 2, 0.5, 3)}


class SplitMix64:
    def __init__(self, state):
        self.state = state

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, bound):
        """Lemire's method."""
        while True:
            product = self.next() * bound
            if product & MASK >= (-bound & MASK) % bound:
                return product >> 64

    def uniform(self, low=0.0, high=1.0):
        return low + (high - low) * (self.next() >> 11) * 2.0**-53

    def normal(self):
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        return radius * math.cos(2 * math.pi * self.uniform())

    def normals(self, count):
        """In blocks of 32 from 16 draws."""
        blocks = []
        for _ in range(-(-count // 32)):
            draws = [self.next() for _ in range(16)]
            radius = np.array([math.sqrt(-2 * math.log(((z >> 33) + 0.5) / 2**31)) for z in draws])
            angle = np.array([2 * math.pi * (z & 0xFFFFFFFF) / 2**32 for z in draws])
            blocks += [radius * np.cos(angle), radius * np.sin(angle)]
        return np.concatenate(blocks)[:count]


def part(x, generator, low, high, least):
    length = max(least, min(math.floor(generator.uniform(low, high) * len(x) + 0.5), len(x)))
    return generator.below(len(x) - length + 1), length


def random_resized_crop(x, g, low=0.5, high=1):
    start, length = part(x, g, low, high, 2)
    places, needed = [0], length - 2
    for place in range(1, len(x) - 1):
        # An integer below the number of places that are left.
        if ((g.next() >> 32) * (len(x) - 1 - place)) >> 32 < needed:
            places.append(place)
            needed -= 1
    places.append(len(x) - 1)
    assert len(places) == length
    return np.stack([np.interp(np.arange(len(x)), places, lead) for lead in x[start : start + length].T], axis=1)


def time_out(x, g, low=0.2, high=0.4):
    start, length = part(x, g, low, high, 0)
    x = x.copy()
    x[start : start + length] = 0
    return x


def gaussian_noise(x, g, deviation=0.005):
    return x + deviation * g.normals(x.size).reshape(x.shape)


def lead_scaling(x, g, low=0.5, high=2):
    return x * np.array([low * (high / low) ** g.uniform() for _ in range(LEADS)])


def blur(x, g):
    held = np.pad(x, ((2, 2), (0, 0)), mode="edge")
    return np.stack([np.convolve(lead, [0.1, 0.2, 0.4, 0.2, 0.1], mode="valid") for lead in held.T], axis=1)


def dynamic_time_warp(x, g, rate, knots=4, radius=0.1):
    at = np.linspace(0, len(x) - 1, knots + 2)
    shown = at.copy()
    shown[1:-1] += min(radius * rate, (at[1] - at[0]) / 2) * np.array([2 * g.uniform() - 1 for _ in range(knots)])
    time = np.interp(np.arange(len(x)), at, shown)
    return np.stack([np.interp(time, np.arange(len(x)), lead) for lead in x.T], axis=1)


def negation(x, g):
    return -x


def down_sampling(x, g, factor=2):
    kept = np.arange(0, len(x), factor)
    return np.stack([np.interp(np.arange(len(x)), kept, lead[kept]) for lead in x.T], axis=1)


def baseline_wander(x, g, rate, unit, maximum=0.05):
    height, time = maximum * g.uniform(), np.arange(len(x)) / rate
    sum = np.zeros(len(x))
    for k in range(50):
        size, phase = g.uniform(), g.uniform()
        sum += size * np.cos(2 * np.pi * (0.01 * k * time + phase))
    return x + height * sum[:, None] * unit


def electromyogram(x, g, unit, maximum=0.25):
    height = maximum * g.uniform()
    return x + height * g.normals(x.size).reshape(x.shape) * unit


def powerline(x, g, rate, unit, maximum=0.1, frequency=50, harmonics="bandlimited"):
    height, time = maximum * g.uniform(), np.arange(len(x)) / rate
    sum = np.zeros(len(x))
    for k in (1, 2, 3):
        size, phase = g.uniform(), g.uniform()
        if harmonics == "aliased" or k * frequency < rate / 2:
            sum += size * np.cos(2 * np.pi * (k * frequency * time + phase))
    gains = np.array([g.uniform(-1, 1) for _ in range(LEADS)])
    return x + height * sum[:, None] * gains * unit


def baseline_shift(x, g, rate, unit, maximum=0.5):
    height, x = maximum * g.uniform(), x.copy()
    for _ in range(g.below(math.floor(0.3 * len(x) / rate + 0.5) + 1)):
        centre = g.below(len(x))
        length = math.floor((3 + 0.6 * g.normal()) * rate + 0.5)
        signs = g.next()
        start = centre - length // 2
        heights = height * np.array([1 if signs >> k & 1 else -1 for k in range(LEADS)])
        x[max(0, start) : start + length] += heights * unit
    return x


def physiological_noise(x, g, rate, unit, level=1, frequency=50, harmonics="bandlimited"):
    wander, muscle, mains, shift = MAXIMA[level]
    x = baseline_wander(x, g, rate, unit, wander)
    x = electromyogram(x, g, unit, muscle)
    x = powerline(x, g, rate, unit, mains, frequency, harmonics)
    return baseline_shift(x, g, rate, unit, shift)


# (augmentation, values, rate in Hz, what takes rate and unit besides)
CASES = [
    (random_resized_crop, {}, 100),
    (random_resized_crop, {"low": 0.1, "high": 0.2}, 100),
    (random_resized_crop, {"low": 1}, 100),
    (time_out, {}, 100),
    (gaussian_noise, {}, 100),
    (gaussian_noise, {"deviation": 2}, 100),
    (lead_scaling, {}, 100),
    (lead_scaling, {"low": 0.01, "high": 0.3}, 100),
    (blur, {}, 100),
    (dynamic_time_warp, {}, 100),
    (dynamic_time_warp, {"knots": 3, "radius": 60}, 100),
    (negation, {}, 100),
    (down_sampling, {}, 100),
    (down_sampling, {"factor": 5}, 100),
    (baseline_wander, {"maximum": 0.3}, 100),
    (baseline_wander, {"maximum": 0.3}, 0.5),
    (electromyogram, {}, 100),
    (powerline, {}, 500),
    (powerline, {}, 250),
    (powerline, {}, 100),
    (powerline, {"harmonics": "aliased"}, 100),
    (powerline, {"frequency": 60, "harmonics": "aliased", "maximum": 0.5}, 100),
    (baseline_shift, {}, 4),
    (baseline_shift, {"maximum": 3}, 12),
    (physiological_noise, {"level": 6}, 12),
    (physiological_noise, {"level": 3, "frequency": 60, "harmonics": "aliased"}, 100),
]


def plain(x):
    return [round(float(value), 7) for value in x.ravel()]


def main():
    generator = np.random.default_rng(7)
    x = np.round(np.cumsum(generator.normal(size=(FRAMES, LEADS)), axis=0) / 4, 3)
    unit = np.round(generator.uniform(1, 6, size=LEADS), 3)
    cases = []
    for index, (change, values, rate) in enumerate(CASES):
        # Powers of the golden ratio's bits: states that have nothing in common.
        state = pow(0x9E3779B97F4A7C15, index + 1, 1 << 64)
        name = change.__name__.replace("_", "-")
        settings = [f"{key}={value}" for key, value in values.items()] + ["probability=1"]
        extra = {"rate": rate, "unit": unit}
        takes = change.__code__.co_varnames[: change.__code__.co_argcount]
        draws = SplitMix64(state)
        result = change(x, draws, **{key: extra[key] for key in extra if key in takes}, **values)
        cases.append(
            {
                "text": name + ":" + ",".join(settings),
                "rate": rate,
                "state": str(state),
                "after": str(draws.state),
                "output": plain(result),
            }
        )
    golden = {"input": plain(x), "unit": plain(unit), "cases": cases}
    with open("Fixtures/golden/augmentations.json", "w", encoding="utf-8") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
