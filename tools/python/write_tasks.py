"""Writes einthoven/tasks.json, the Python package's table of tasks, from the Swift library's tasks.yaml.

    python tools/python/write_tasks.py [--check]

With --check nothing is written, and the exit code is 1 if the file is not up to date. Needs PyYAML.
"""

import argparse
import json
import sys
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "Sources/ECGData/Datasets/Tables/tasks.yaml"
TARGET = HERE / "einthoven/tasks.json"


def text():
    """A line for each class, so that a change is seen where it is."""
    tasks = yaml.safe_load(SOURCE.read_text())
    parts = []
    for task in tasks:
        assert set(task) == {"name", "sources", "records", "classes"}, task["name"]
        assert task["records"] in ("class", "statement", "every-class"), task["name"]
        head = json.dumps({key: task[key] for key in ("name", "sources", "records")})
        classes = ",\n".join("  " + json.dumps({key: row[key] for key in ("name", "codes")}) for row in task["classes"])
        parts.append(f'{head[:-1]}, "classes": [\n{classes}\n]}}')
    return "[\n" + ",\n".join(parts) + "\n]\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        current = TARGET.exists() and TARGET.read_text() == text()
        print(
            f"ok: {TARGET.name} is up to date" if current else f"FAILED: {TARGET} is not what {SOURCE} gives",
            flush=True,
        )
        return 0 if current else 1
    TARGET.write_text(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
