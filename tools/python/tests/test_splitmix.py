import unittest

import numpy as np
import reference
import shards  # noqa: F401 (finds the package)
from einthoven.splitmix import SplitMix64, first_below, product, seeded


class SplitMixTests(unittest.TestCase):
    def test_published_outputs(self):
        # The first outputs for the state 1234567, as in the test vectors of Vigna's splitmix64.c.
        generator = SplitMix64(1234567)
        self.assertEqual(
            [generator.next() for _ in range(5)],
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821],
        )

    def test_wide_products(self):
        edges = [0, 1, 2, (1 << 32) - 1, 1 << 32, (1 << 32) + 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]
        left, right = (np.array(row, np.uint64) for row in zip(*[(a, b) for a in edges for b in edges]))
        high, low = product(left, right)
        for a, b, h, l in zip(*(row.tolist() for row in (left, right, high, low))):
            self.assertEqual(h << 64 | l, a * b)

    def test_draws_are_rejected_exactly(self):
        # Bounds just over 2^63 reject every second number.
        bounds = ([(1 << 63) + 1] * 40 + [7, 1, (1 << 64) - 1, (1 << 62) + 3]) * 20
        ours, plain = SplitMix64(seeded("x", 1)), reference.Generator("x", 1)
        self.assertEqual(ours.below(np.array(bounds, np.uint64)).tolist(), [plain.below(bound) for bound in bounds])
        self.assertEqual(ours.state, plain.state)

    def test_first_draws_are_rejected_exactly(self):
        states, bounds, expected = [], [], []
        for key in range(300):
            plain = reference.Generator("y", key)
            states.append(plain.state)
            bounds.append((1 << 63) + 1 + key if key % 2 else key + 1)
            expected.append(plain.below(bounds[-1]))
        drawn = first_below(np.array(states, np.uint64), np.array(bounds, np.uint64))
        self.assertEqual(drawn.tolist(), expected)

    def test_permutations(self):
        for count in (0, 1, 2, 3, 100, 70_001):
            ours = SplitMix64(seeded("epoch", 5, 2)).permuted(range(count))
            self.assertEqual(ours, reference.Generator("epoch", 5, 2).shuffle(list(range(count))))
            self.assertEqual(sorted(ours), list(range(count)))


if __name__ == "__main__":
    unittest.main()
