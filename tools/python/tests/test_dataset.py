import pickle
import unittest

import numpy as np
import shards
from einthoven import LEADS, ECGError, open_dataset
from einthoven.layout import record_key


@shards.needs_tool
class DatasetTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dataset = shards.dataset()

    def test_records(self):
        dataset, columns = self.dataset, self.dataset.columns
        self.assertGreater(len(dataset.files), 5)
        self.assertEqual(set(dataset.sources), {"ptb-xl", "cpsc2018-wfdb", "code-15"})
        for index, record in enumerate(dataset):
            self.assertEqual(record.key, record_key(record.source, record.id))
            self.assertEqual(record.key, columns.record_key[index])
            self.assertEqual(record.counts.shape, (columns.frames[index], 12))
            self.assertEqual(record.rate_hz, 100.0)
            self.assertIn(record.sex, ("female", "male", None))
            self.assertTrue(record.age is None or 0 <= record.age <= 120)
            self.assertEqual(record.leads, LEADS)
            self.assertIn("resampled", record.flags)
            missing = {lead for lead in LEADS if "missing_samples" in record.lead_flags.get(lead, ())}
            self.assertEqual(missing, {lead for k, lead in enumerate(LEADS) if (record.counts[:, k] == -32768).any()})
            self.assertEqual(len(record.statements), columns.label_offset[index + 1] - columns.label_offset[index])
            vocabulary = {"ptb-xl": "scp:", "cpsc2018-wfdb": "snomed:", "code-15": "code:"}[record.source]
            self.assertTrue(all(code.startswith(vocabulary) for code, _ in record.statements))
        self.assertEqual(len(set(columns.record_key.tolist())), len(dataset))

    def test_millivolts(self):
        for record in list(self.dataset)[:40]:
            values = record.millivolts()
            self.assertEqual((values.dtype, values.shape), (np.float32, (12, len(record.counts))))
            for lead in (0, 7):
                for frame in range(0, len(record.counts), 97):
                    count = int(record.counts[frame, lead])
                    expected = np.nan if count == -32768 else count * float(record.scale_uv[lead]) / 1000
                    np.testing.assert_array_equal(values[lead, frame], np.float32(expected))

    def test_absent_leads_are_nan(self):
        dataset = open_dataset(shards.mixed())
        object.__setattr__(dataset.columns, "lead_mask", np.full(len(dataset), 0b10, np.uint16))
        values = dataset[0].millivolts()
        self.assertEqual(dataset[0].leads, ("II",))
        self.assertFalse(np.isnan(values[1]).all())
        self.assertTrue(np.isnan(values[[0, *range(2, 12)]]).all())

    def test_indices(self):
        self.assertEqual(self.dataset[-1].id, self.dataset[len(self.dataset) - 1].id)
        self.assertEqual(self.dataset[np.int64(3)].id, self.dataset[3].id)
        for index in (len(self.dataset), -len(self.dataset) - 1):
            with self.assertRaises(IndexError):
                self.dataset[index]
        with self.assertRaises(TypeError):
            self.dataset["1"]

    def test_nothing_can_be_written(self):
        with self.assertRaises(ValueError):
            self.dataset.columns.fold[0] = 1
        with self.assertRaises(ValueError):
            self.dataset[0].counts[0, 0] = 1

    def test_selection(self):
        dataset = self.dataset
        records = list(dataset)
        durations = sorted(len(record.counts) / 100 for record in records)
        task = "ptbxl.superclass"
        asked = dataset.targets(task)[1]
        filters = {
            "sources": (["ptb-xl", "code-15"], lambda i, r: r.source in ("ptb-xl", "code-15")),
            "folds": (range(2, 7), lambda i, r: 2 <= r.fold <= 6),
            "task": (task, lambda i, r: asked[i]),
            "without": (["limb_law_violated", "unit_assumed"], lambda i, r: not {"limb_law_violated", "unit_assumed"} & {*r.flags}),
            "minimum_duration": (durations[40], lambda i, r: len(r.counts) / 100 >= durations[40]),
            "leads": (["I", "V6"], lambda i, r: {"I", "V6"} <= {*r.leads}),
        }  # fmt: skip
        for name, (value, keeps) in filters.items():
            expected = [index for index, record in enumerate(records) if keeps(index, record)]
            self.assertEqual(dataset.select(**{name: value}).tolist(), expected, name)
        together = dataset.select(**{name: value for name, (value, _) in filters.items()})
        expected = [i for i, r in enumerate(records) if all(keeps(i, r) for _, keeps in filters.values())]
        self.assertEqual(together.tolist(), expected)
        self.assertTrue(0 < len(together) < len(dataset))
        self.assertEqual(dataset.select().tolist(), list(range(len(dataset))))

    def test_refused_selections(self):
        for bad in (
            {"sources": "nobody"}, {"folds": "1-8"}, {"folds": 3}, {"task": "ptbxl"}, {"without": "nice"}, {"leads": "V7"},
            {"minimum_duration": -1}, {"minimum_duration": float("nan")},
        ):  # fmt: skip
            with self.subTest(bad), self.assertRaises(ECGError):
                self.dataset.select(**bad)

    def test_another_process(self):
        again = pickle.loads(pickle.dumps(self.dataset))
        self.assertTrue(np.array_equal(again[5].counts, self.dataset[5].counts))
        path = shards.copy("converted-anew")
        data = pickle.dumps(open_dataset(path))
        shards.run("convert", shards.collections()[0], "--rate", 100, "--output", path, "--restart", "--quiet")
        with self.assertRaisesRegex(ECGError, "converted anew"):
            pickle.loads(data)

    def test_appended_shards(self):
        path = shards.folder() / "appended"
        first, second, _ = shards.collections()
        shards.run("convert", first, "--rate", 100, "--output", path, "--quiet")
        shards.run("convert", second, "--rate", 100, "--output", path, "--append", "--quiet")
        dataset = open_dataset(path)
        self.assertEqual(dataset.sources, ["ptb-xl", "cpsc2018-wfdb"])
        known = {record.key: record for record in self.dataset}
        for record in dataset:
            self.assertEqual(record.statements, known[record.key].statements)
            self.assertTrue(np.array_equal(record.counts, known[record.key].counts))


if __name__ == "__main__":
    unittest.main()
