import json
import pickle
import unittest

import numpy as np
import reference
import shards
from einthoven import ECGError, open_dataset

CROP = 2.5
FRAMES = 250


def expected(dataset, batch, epochs=1, seed=0, records=None, order="shuffled", stride=None, weights=None, tail="dropped",
             views=1, normalization="per-lead", missing="zeroed"):  # fmt: skip
    """[(records, starts [V, B], values [V, B, 12, T], mask)] by the letter of the format."""
    chosen = list(range(len(dataset))) if records is None else list(records)
    result = []
    for epoch in range(epochs):
        row = reference.items(dataset, chosen, FRAMES, epoch, seed, stride, weights)
        line = reference.ordered(dataset, row, order, seed, epoch)
        end = len(line) if tail == "masked" else len(line) - len(line) % batch
        for begin in range(0, end, batch):
            step = line[begin : min(begin + batch, end)]
            starts = [
                [reference.start(dataset, item, FRAMES, seed, epoch, views, v) for item in step] for v in range(views)
            ]
            values, mask = (
                np.zeros((views, batch, 12, FRAMES), np.float32),
                np.zeros((views, batch, 12, FRAMES), np.uint8),
            )
            for v in range(views):
                for place, item in enumerate(step):
                    values[v, place], mask[v, place] = reference.crop(
                        dataset, item[0], starts[v][place], FRAMES, normalization, missing
                    )
            result.append(([item[0] for item in step], starts, values, mask))
    return result


@shards.needs_tool
class StreamTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dataset = shards.dataset()

    def compare(self, batch=32, **options):
        plain = expected(self.dataset, batch, **options)
        found = list(self.dataset.stream(batch=batch, crop=CROP, **{"epochs": 1, **options}))
        self.assertEqual(len(found), len(plain))
        views = options.get("views", 1)
        for ours, (records, starts, values, mask) in zip(found, plain):
            self.assertEqual(ours.records.tolist(), records)
            self.assertEqual(ours.starts.reshape(views, -1).tolist(), starts)
            lengths = self.dataset.columns.frames[ours.records]
            self.assertTrue(
                (ours.valid_frames == np.minimum(FRAMES, lengths - ours.starts.reshape(views, -1)[0])).all()
            )
            self.assertEqual(ours.values.tobytes(), values.tobytes())
            if options.get("missing") == "masked":
                self.assertEqual(ours.mask.tobytes(), mask.tobytes())
            else:
                self.assertIsNone(ours.mask)
        return found

    def test_plain(self):
        self.compare(epochs=2, seed=9)

    def test_orders(self):
        for order in ("stored", "window:1", "window:40", "window:100000"):
            with self.subTest(order):
                self.compare(order=order, epochs=2)

    def test_windows(self):
        for options in ({"order": "stored", "tail": "masked"}, {"order": "window:30"}, {}):
            plain = expected(self.dataset, 32, stride=175, **options)
            found = list(self.dataset.stream(batch=32, crop=CROP, stride=1.75, epochs=1, **options))
            self.assertEqual(len(found), len(plain))
            for ours, (records, starts, values, _) in zip(found, plain):
                self.assertEqual((ours.records.tolist(), [ours.starts.tolist()]), (records, starts))
                self.assertEqual(ours.values.tobytes(), values.tobytes())

    def test_weights(self):
        weights = {"ptb-xl": 0.4, "cpsc2018-wfdb": 2.6, "code-15": 1}
        self.compare(weights=weights, epochs=3)
        self.compare(weights={"code-15": 0.001}, epochs=3, order="window:20", tail="masked")
        self.compare(weights=weights, views=2, tail="masked", records=range(0, len(self.dataset), 3), batch=16)

    def test_a_pass_gives_every_record_before_the_next(self):
        stream = self.dataset.stream(
            batch=1, crop=CROP, weights={"ptb-xl": 0.25}, epochs=4, records=self.dataset.select(sources="ptb-xl")
        )
        counts = np.zeros(len(self.dataset), int)
        for batch in stream:
            np.add.at(counts, batch.records, 1)
        self.assertEqual(set(counts[self.dataset.select(sources="ptb-xl")].tolist()), {1})

    def test_normalizations(self):
        for name in ("per-record", "robust", "none"):
            with self.subTest(name):
                self.compare(normalization=name)

    def test_missing_samples(self):
        self.assertTrue(any((record.counts == -32768).any() for record in self.dataset))
        for missing in ("masked", "interpolated"):
            with self.subTest(missing):
                self.compare(missing=missing, views=2, tail="masked")

    def test_absent_leads(self):
        dataset = open_dataset(shards.mixed())
        columns = dataset.columns
        object.__setattr__(columns, "lead_mask", np.where(np.arange(len(dataset)) % 2, 0b101, 0xFFF).astype(np.uint16))
        for missing in ("masked", "interpolated"):
            plain = expected(dataset, 32, missing=missing)
            for ours, (_, _, values, mask) in zip(
                dataset.stream(batch=32, crop=CROP, epochs=1, missing=missing), plain
            ):
                self.assertEqual(ours.values.tobytes(), values[0].tobytes())
                if ours.mask is not None:
                    self.assertEqual(ours.mask.tobytes(), mask[0].tobytes())

    def test_layouts(self):
        options = {"batch": 32, "crop": CROP, "epochs": 1, "missing": "masked", "tail": "masked", "views": 2}
        plain = self.dataset.stream(**options)
        for lead_major, time_major, blocked in zip(
            plain, self.dataset.stream(layout="time-major", **options), self.dataset.stream(layout="blocked", **options)
        ):
            for name in ("values", "mask"):
                turned = getattr(lead_major, name).swapaxes(-1, -2)
                self.assertTrue(np.array_equal(getattr(time_major, name), turned))
                self.assertTrue(np.array_equal(getattr(blocked, name)[..., :12], turned))
                self.assertFalse(getattr(blocked, name)[..., 12:].any())

    def test_ranks(self):
        for options in ({}, {"tail": "masked", "views": 2}, {"order": "window:16", "stride": 2.0, "tail": "masked"}):
            whole = list(self.dataset.stream(batch=24, crop=CROP, epochs=2, **options))
            axis = 1 if options.get("views") else 0
            for world in (2, 3, 8):
                parts = [
                    self.dataset.stream(batch=24, crop=CROP, epochs=2, rank=rank, world=world, **options)
                    for rank in range(world)
                ]
                steps = list(zip(*parts))
                self.assertEqual(len(steps), len(whole))
                for step, batch in zip(steps, whole):
                    self.assertTrue(np.array_equal(np.concatenate([part.records for part in step]), batch.records))
                    self.assertTrue(np.array_equal(np.concatenate([part.values for part in step], axis), batch.values))

    def test_resumption_at_every_step(self):
        for options in (
            {},
            {"tail": "masked", "order": "window:16"},
            {"weights": {"ptb-xl": 0.5}, "views": 2},
            {"stride": 2.5},
        ):
            options = {"batch": 24, "crop": CROP, "epochs": 2, "seed": (1 << 64) - 1, **options}
            batches, states = [], []
            stream = self.dataset.stream(**options)
            for batch in stream:
                batches.append(batch)
                states.append(json.loads(json.dumps(stream.state)))
            self.assertEqual(len(batches), 2 * stream.steps)
            self.assertEqual({key: states[-1][key] for key in ("epoch", "next")}, {"epoch": 2, "next": 0})
            for place, state in enumerate(states):
                rest = list(self.dataset.stream(state=state, **options))
                self.assertEqual(len(rest), len(batches) - place - 1)
                for ours, batch in zip(rest[:2], batches[place + 1 :]):
                    self.assertEqual(ours.values.tobytes(), batch.values.tobytes())

    def test_another_process(self):
        stream = self.dataset.stream(batch=24, crop=CROP, weights={"ptb-xl": 0.5}, views=2)
        next(stream)
        again = pickle.loads(pickle.dumps(stream))
        self.assertEqual(again.state, stream.state)
        self.assertEqual(next(again).values.tobytes(), next(stream).values.tobytes())

    def test_states_of_other_streams(self):
        options = {"batch": 24, "crop": CROP}
        state = self.dataset.stream(**options).state
        for change in (
            {"fingerprint": "x"}, {"order": "stored"}, {"seed": 1}, {"batch": 12}, {"filter": "1-8"}, {"epoch": -1}, {"next": 5},
            {"next": 24 * 1000}, {"next": "0"}, {"epoch": None}, {"epoch": True},
        ):  # fmt: skip
            with self.subTest(change), self.assertRaisesRegex(ECGError, "state is of another stream"):
                self.dataset.stream(state=state | change, **options)
        for other in (
            {"tail": "masked"},
            {"order": "stored"},
            {"weights": {"ptb-xl": 2}},
            {"stride": 1},
            {"records": [*range(30)]},
        ):
            with self.subTest(other), self.assertRaisesRegex(ECGError, "state is of another stream"):
                self.dataset.stream(state=state, **options, **other)

    def test_names_of_orders(self):
        def name(**options):
            return self.dataset.stream(batch=8, crop=CROP, **options).state["order"]

        plain = "fisher-yates/lemire/splitmix64/sha256"
        self.assertEqual(name(), plain)
        self.assertEqual(name(order="stored", stride=1.2, tail="masked"), "stored/windows(250,120)/masked")
        self.assertEqual(
            name(order="window:64", weights={"ptb-xl": 2, "code-15": 0.5, "cpsc2018-wfdb": 1}),
            f"window(64)/{plain}/weights(code-15=0.5,ptb-xl=2.0)",
        )

    def test_bad_arguments(self):
        good = {"batch": 8, "crop": CROP}
        for bad in (
            {"batch": 0}, {"batch": 10**6}, {"batch": 2.5}, {"crop": 0}, {"crop": float("nan")}, {"crop": 1e30}, {"crop": "2"},
            {"seed": -1}, {"seed": 1 << 64}, {"order": "random"}, {"order": "window:0"}, {"order": "window:x"},
            {"order": "window:-3"}, {"stride": 0}, {"stride": 1, "weights": {"ptb-xl": 2}}, {"weights": {"nobody": 2}},
            {"weights": {"ptb-xl": 0}}, {"weights": {"ptb-xl": float("inf")}}, {"weights": {"ptb-xl": "a"}}, {"weights": 2}, {"tail": "kept"},
            {"views": 0}, {"layout": "NCHW"}, {"normalization": "z"}, {"missing": "nan"}, {"integrity": "none"}, {"rank": 1},
            {"rank": -1}, {"world": 3}, {"world": 0}, {"epochs": -1}, {"records": []}, {"records": [1, 1]},
            {"records": [10**6]}, {"records": [-1]}, {"records": [[1]]}, {"records": [0.5]}, {"state": []},
        ):  # fmt: skip
            with self.subTest(bad), self.assertRaises(ECGError) as caught:
                self.dataset.stream(**(good | bad))
            self.assertNotIn("\n", str(caught.exception))

    def test_mixed_rates(self):
        dataset = open_dataset(shards.native())
        with self.assertRaisesRegex(ECGError, "400.0 Hz, 500.0 Hz; convert with one --rate"):
            dataset.stream(batch=8, crop=CROP)
        stream = dataset.stream(batch=8, crop=CROP, records=dataset.select(sources="code-15"), epochs=1)
        self.assertEqual((stream.rate_hz, next(stream).values.shape), (400.0, (8, 12, 1000)))


if __name__ == "__main__":
    unittest.main()
