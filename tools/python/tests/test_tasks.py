import subprocess
import sys
import unittest
from pathlib import Path

import numpy as np
import shards
from einthoven import ECGError
from einthoven.tasks import table

WRITER = Path(__file__).resolve().parents[1] / "write_tasks.py"


def target(entry, record):
    """The target row of one record, statement after statement; None if the task may not be asked of it."""
    if record.source not in entry["sources"]:
        return None
    row, stated, anything = [0.0] * len(entry["classes"]), [False] * len(entry["classes"]), False
    vocabularies = {code.partition(":")[0] for c in entry["classes"] for code in c["codes"]}
    for code, value in record.statements:
        anything |= code.partition(":")[0] in vocabularies
        for column, entry_class in enumerate(entry["classes"]):
            if code in entry_class["codes"]:
                stated[column] = True
                if entry["records"] != "every-class" or value > 0:
                    row[column] = 1.0
    asked = {"class": any(stated), "statement": anything, "every-class": all(stated)}[entry["records"]]
    return row if asked else None


class TableTests(unittest.TestCase):
    def test_numbers_of_classes(self):
        counts = {name: len(entry["classes"]) for name, entry in table().items()}
        self.assertEqual(
            counts,
            {
                "ptbxl.all": 71, "ptbxl.diagnostic": 44, "ptbxl.superclass": 5, "ptbxl.subclass": 23, "ptbxl.form": 19,
                "ptbxl.rhythm": 12, "cpsc2018": 9, "code": 6, "chapman.rhythm": 11, "chapman.rhythm4": 4, "cinc2021": 26,
            },
        )  # fmt: skip

    def test_table_is_up_to_date(self):
        try:
            import yaml  # noqa: F401
        except ImportError:
            self.skipTest("needs PyYAML")
        done = subprocess.run([sys.executable, WRITER, "--check"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


@shards.needs_tool
class TargetTests(unittest.TestCase):
    def test_targets(self):
        dataset = shards.dataset()
        records = list(dataset)
        asked_of = {}
        for name, entry in table().items():
            rows, asked = dataset.targets(name)
            self.assertEqual((rows.dtype, rows.shape), (np.float32, (len(dataset), len(entry["classes"]))))
            expected = [target(entry, record) for record in records]
            self.assertEqual(asked.tolist(), [row is not None for row in expected], name)
            for row, plain in zip(rows.tolist(), expected):
                self.assertEqual(row, plain or [0.0] * len(entry["classes"]), name)
            asked_of[name] = int(asked.sum())
        # All three kinds of tasks are asked of some records and not of others.
        for name in ("ptbxl.superclass", "cinc2021", "code"):
            self.assertTrue(0 < asked_of[name] < len(dataset), (name, asked_of))
        self.assertEqual(dataset.tasks(), [name for name in table() if asked_of[name]])

    def test_classes(self):
        self.assertEqual(shards.dataset().classes("ptbxl.superclass"), ["CD", "HYP", "MI", "NORM", "STTC"])
        with self.assertRaisesRegex(ECGError, "tasks are ptbxl.all"):
            shards.dataset().classes("nothing")


if __name__ == "__main__":
    unittest.main()
