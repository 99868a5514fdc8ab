"""Random numbers that are the same on every machine: SplitMix64, many at once.

Steele, Lea and Flood, OOPSLA 2014; bounded draws by Lemire, ACM TOMACS 29, 2019, with rejection. The k-th number of
SplitMix64 depends on its state and k alone, so a stretch of them is one expression over an array.
"""

import hashlib

import numpy as np

GAMMA = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


def seeded(purpose, *keys):
    """The state for a purpose: the first 8 bytes of SHA-256(purpose, keys as u64), little-endian."""
    data = purpose.encode() + b"".join(int(key).to_bytes(8, "little") for key in keys)
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "little")


def mix(z):
    """The output of states that were already advanced; uint64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def product(x, bound):
    """(high, low) halves of the 128-bit products of two uint64 arrays."""
    x0, x1, b0, b1 = x & LOW, x >> HALF, bound & LOW, bound >> HALF
    middle = x1 * b0 + (x0 * b0 >> HALF)
    carry = (middle & LOW) + x0 * b1
    return x1 * b1 + (middle >> HALF) + (carry >> HALF), x * bound


class SplitMix64:
    """A generator; `state` is all of it."""

    def __init__(self, state):
        self.state = state & MASK

    def next(self):
        """64 random bits."""
        self.state = (self.state + GAMMA) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, bounds):
        """A uniform integer below each bound, drawn in order; bounds and result are uint64 arrays, bounds at least
        1."""
        bounds = np.ascontiguousarray(bounds, np.uint64)
        drawn = np.empty(len(bounds), np.uint64)
        done = 0
        while done < len(bounds):
            rest = bounds[done : done + (1 << 16)]
            steps = np.arange(1, len(rest) + 1, dtype=np.uint64)
            high, low = product(mix(np.uint64(self.state) + steps * np.uint64(GAMMA)), rest)
            # 2^64 mod bound; 0 - bound wraps to 2^64 - bound, which has the same remainder.
            rejected = low < rest
            if rejected.any():
                rejected &= low < (np.uint64(0) - rest) % rest
            # A draw that is rejected takes the next number for the same bound, and all later ones shift.
            kept = int(rejected.argmax()) if rejected.any() else len(rest)
            drawn[done : done + kept] = high[:kept]
            self.state = (self.state + (kept + (kept < len(rest))) * GAMMA) & MASK
            done += kept
        return drawn

    def permuted(self, values):
        """A list of the values permuted by Fisher-Yates from the last place down."""
        values = list(values)
        others = self.below(np.arange(len(values), 1, -1, dtype=np.uint64)).tolist()
        last = len(values)
        for other in others:
            last -= 1
            values[last], values[other] = values[other], values[last]
        return values


def first_below(states, bounds):
    """The first draw below each bound of a generator of its own; uint64 arrays."""
    with np.errstate(over="ignore"):
        high, low = product(mix(states + np.uint64(GAMMA)), bounds)
        suspects = np.flatnonzero(low < bounds)
        for index in suspects.tolist():
            high[index] = SplitMix64(int(states[index])).below(bounds[index : index + 1])[0]
    return high
