import math
import unittest

import numpy as np
import reference
import shards
from einthoven import open_dataset
from einthoven.normalization import moments, robust


class SpreadTests(unittest.TestCase):
    def test_robust(self):
        line = np.random.default_rng(3).integers(-32767, 32768, 997).astype(np.int16)
        low, middle, high = np.percentile(line, [25, 50, 75])
        self.assertEqual(robust(line), (middle, (high - low) / 1.349))

    def test_robust_where_half_of_the_counts_are_equal(self):
        line = np.array([7] * 80 + [12] * 20, np.int16)
        self.assertEqual(robust(line), (7.0, 2.0))

    def test_moments_are_exact(self):
        line = np.array([32767, -32767] * 50_000 + [32767], np.int16)
        n, total, squares = len(line), 32767, 32767**2 * len(line)
        self.assertEqual(moments(line), (total / n, math.sqrt(n * squares - total**2) / n))

    def test_leads_without_spread(self):
        for spread in (moments, robust):
            self.assertEqual(spread(np.full(9, -3, np.int16)), (-3.0, 0.0))
            self.assertEqual(spread(np.array([], np.int16)), (0.0, 0.0))


@shards.needs_tool
class ScaleTests(unittest.TestCase):
    def test_negative_scales(self):
        dataset = open_dataset(shards.mixed())
        object.__setattr__(dataset.columns, "scale_uv", dataset.columns.scale_uv * np.float32(-0.25))
        for name in ("per-lead", "per-record", "robust", "none"):
            batch = next(dataset.stream(batch=20, crop=2.5, normalization=name))
            for values, record, start in zip(batch.values, batch.records.tolist(), batch.starts.tolist()):
                expected, _ = reference.crop(dataset, record, start, 250, name)
                self.assertEqual(values.tobytes(), expected.tobytes())


if __name__ == "__main__":
    unittest.main()
