import pickle
import unittest

import numpy as np
import shards
from einthoven import ECGError

try:
    import torch
    from einthoven.torch import StreamDataset
    from torch.utils.data import DataLoader
except ImportError:
    torch = None


@shards.needs_tool
@unittest.skipUnless(torch, "PyTorch is not installed")
class TorchTests(unittest.TestCase):
    options = {"batch": 16, "crop": 2.5, "seed": 4}

    @classmethod
    def setUpClass(cls):
        cls.dataset = shards.dataset()
        cls.whole = []
        cls.states = []
        stream = cls.dataset.stream(epochs=4, **cls.options)
        for batch in stream:
            cls.whole.append(batch)
            cls.states.append(stream.state)
        cls.steps = stream.steps

    def equal(self, found, begin, end):
        self.assertEqual(len(found), end - begin)
        for place, batch in enumerate(found):
            expected = self.whole[begin + place]
            for name in ("values", "records", "starts", "valid_frames"):
                self.assertTrue(torch.equal(getattr(batch, name), torch.from_numpy(getattr(expected, name))), name)
            self.assertEqual((batch.epoch, batch.mask), (expected.epoch, None))
            self.assertEqual(batch.state, self.states[begin + place])

    def loader(self, crops, workers, **options):
        return DataLoader(crops, batch_size=None, num_workers=workers, **options)

    def test_epochs_are_those_of_the_stream(self):
        for workers in (0, 1, 2, 3):
            for persistent in (False, True) if workers else (False,):
                with self.subTest(workers=workers, persistent=persistent):
                    loader = self.loader(
                        StreamDataset(self.dataset, **self.options), workers, persistent_workers=persistent
                    )
                    self.assertEqual(len(loader), self.steps)
                    for epoch in range(3):
                        self.equal(list(loader), epoch * self.steps, (epoch + 1) * self.steps)

    def test_stop_and_resume(self):
        for stop in (1, 4, self.steps - 1, self.steps):
            for before, after in ((2, 3), (0, 2), (3, 0)):
                with self.subTest(stop=stop, before=before, after=after):
                    loader = self.loader(StreamDataset(self.dataset, **self.options), before)
                    for place, batch in enumerate(loader, 1):
                        if place == stop:
                            break
                    crops = StreamDataset(self.dataset, state=batch.state, **self.options)
                    self.assertEqual(crops.state, batch.state)
                    resumed = self.loader(crops, after, persistent_workers=after > 0)
                    first = list(resumed)
                    end = stop + len(first)
                    self.assertEqual(end % self.steps, 0)
                    self.equal(first, stop, end)
                    self.equal(list(resumed), end, end + self.steps)

    def test_an_iteration_that_is_left_early(self):
        # What workers made ahead changes nothing: the next iteration is the next epoch.
        for workers in (0, 2):
            for persistent in (False, True) if workers else (False,):
                loader = self.loader(
                    StreamDataset(self.dataset, **self.options), workers, persistent_workers=persistent
                )
                for _ in loader:
                    break
                self.equal(list(loader), self.steps, 2 * self.steps)

    def test_state_set_between_iterations(self):
        crops = StreamDataset(self.dataset, **self.options)
        loader = self.loader(crops, 2, persistent_workers=True)
        list(loader)
        crops.state = self.states[2]
        self.equal(list(loader), 3, self.steps)
        with self.assertRaises(ECGError):
            crops.state = self.states[2] | {"seed": 5}

    def test_the_end(self):
        loader = self.loader(StreamDataset(self.dataset, epochs=2, **self.options), 2)
        self.assertEqual([len(list(loader)) for _ in range(3)], [self.steps, self.steps, 0])

    def test_masks_and_tails(self):
        options = self.options | {"missing": "masked", "tail": "masked", "views": 2, "order": "window:20"}
        plain = list(self.dataset.stream(epochs=1, **options))
        found = list(self.loader(StreamDataset(self.dataset, **options), 2))
        self.assertEqual(len(found), len(plain))
        for ours, expected in zip(found, plain):
            self.assertTrue(np.array_equal(ours.mask.numpy(), expected.mask))
            self.assertTrue(np.array_equal(ours.values.numpy(), expected.values))
            self.assertEqual(ours.records.tolist(), expected.records.tolist())

    def test_spawned_workers(self):
        loader = self.loader(StreamDataset(self.dataset, **self.options), 2, multiprocessing_context="spawn")
        self.equal(list(loader), 0, self.steps)

    def test_errors_keep_their_place(self):
        error = pickle.loads(
            pickle.dumps(ECGError("is wrong", code="mismatch", file="a", record="7", byte=3, advice="mend it"))
        )
        self.assertEqual(str(error), "a: record 7: byte 3: is wrong; mend it")
        self.assertEqual(error.code, "mismatch")


if __name__ == "__main__":
    unittest.main()
