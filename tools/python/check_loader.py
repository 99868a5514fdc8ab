"""Proves that the Python package's stream is that of `einthoven stream`, bit for bit.

    python tools/python/check_loader.py --tool .build/release/einthoven SHARDS

Compares, by order_hash and content_hash: every rank of 1, 2, 3 and 8; what follows after a stop at every step of an
epoch, the state written by either side and read by the other; and every option of the stream that the tool's help
names, those that it does not name being told. Also counts that an epoch has every record exactly once. check_stream.py
beside it computes order and values of the plain stream independently of both.

Exit code 1 if anything differs. Needs NumPy and the package (tools/python, installed or as it lies here).
"""

import argparse
import hashlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from einthoven import ECGError, open_dataset

NORMALIZATIONS = ("per-lead", "per-record", "robust", "none")
INTEGRITIES = ("off", "first-touch", "always")


class Digest:
    """The hashes of what was delivered, as the tool takes them."""

    def __init__(self, dataset):
        self.keys = dataset.columns.record_key
        self.order, self.content, self.crops = hashlib.sha256(), hashlib.sha256(), 0

    def add(self, batch):
        self.order.update(self.keys[batch.records].astype("<u8").tobytes())
        self.content.update(np.ascontiguousarray(batch.values, "<f4"))
        self.crops += batch.starts.size
        return self

    @property
    def found(self):
        return {"order_hash": self.order.hexdigest(), "content_hash": self.content.hexdigest()}


def digest(dataset, batches):
    result = Digest(dataset)
    for batch in batches:
        result.add(batch)
    return result


@dataclass
class Case:
    """One comparison: flags of the tool and what they are called here."""

    name: str
    flags: list = field(default_factory=list)
    select: dict = field(default_factory=dict)
    stream: dict = field(default_factory=dict)

    def __add__(self, other):
        return Case(
            f"{self.name}, {other.name}",
            self.flags + other.flags,
            self.select | other.select,
            self.stream | other.stream,
        )


class Check:
    def __init__(self, tool, directory, batch, crop, seed):
        self.tool, self.directory = tool, directory
        self.dataset = open_dataset(directory)
        self.base = {"batch": batch, "crop": crop, "seed": seed}
        self.help = subprocess.run([tool, "stream", "--help"], check=True, capture_output=True, text=True).stdout
        self.compared, self.failures, self.left_out = 0, 0, []

    def knows(self, flag):
        return f"{flag} " in self.help or f"{flag}\n" in self.help

    def command(self, flags):
        options = [text for key, value in self.base.items() for text in (f"--{key}", str(value))]
        return [self.tool, "stream", self.directory, "--json", "--quiet", *options, *flags]

    def told(self, flags):
        run = subprocess.run(self.command(flags), capture_output=True, text=True)
        if run.returncode:
            return {"error": run.stderr.strip()}
        return json.loads(run.stdout.splitlines()[-1])

    def stream(self, select=None, **options):
        records = self.dataset.select(**select) if select else None
        return self.dataset.stream(**(self.base | {"records": records} | options))

    def expect(self, what, here, there):
        self.compared += 1
        different = [key for key in here if there.get(key) != here[key]]
        if different:
            self.failures += 1
            shown = "; ".join(
                f"{key}: here {here[key]}, the tool {there.get(key, there.get('error'))}" for key in different
            )
            print(f"FAILED: {what}: {shown}", file=sys.stderr)

    def case(self, case, epochs=2):
        """Compares a case, if the tool knows its flags."""
        unknown = [flag for flag in case.flags if flag.startswith("--") and not self.knows(flag)]
        if unknown:
            self.left_out.append(case.name)
            return
        there = self.told(case.flags + ["--epochs", str(epochs)])
        try:
            result = digest(self.dataset, self.stream(case.select, epochs=epochs, **case.stream))
        except ECGError as error:
            # What one side refuses, such as a filter that leaves nothing, the other has to refuse too.
            self.expect(f"{case.name} ({error})", {"refused": True}, {"refused": "error" in there})
            return
        self.expect(case.name, result.found | {"crops": result.crops}, there)

    def ranks(self, case):
        if any(flag.startswith("--") and not self.knows(flag) for flag in case.flags):
            return
        whole = list(self.stream(case.select, epochs=2, **case.stream))
        for world in (1, 2, 3, 8):
            if self.base["batch"] % world:
                continue
            parts = []
            for rank in range(world):
                flags, place = ["--rank", str(rank), "--world", str(world)], {"rank": rank, "world": world}
                self.case(case + Case(f"rank {rank} of {world}", flags, {}, place))
                parts.append(self.stream(case.select, epochs=2, rank=rank, world=world, **case.stream))
            joined = [np.concatenate([batch.records for batch in step]) for step in zip(*parts)]
            same = len(joined) == len(whole) and all(np.array_equal(a, b.records) for a, b in zip(joined, whole))
            self.expect(f"{case.name}, {world} ranks together", {"same": True}, {"same": same})

    def every_record_once(self):
        for order in ("shuffled", "window:50", "stored"):
            counts = np.zeros(len(self.dataset), int)
            for batch in self.stream(epochs=1, order=order, tail="masked"):
                np.add.at(counts, batch.records, 1)
            self.expect(f"{order}: every record once", {"once": True}, {"once": bool((counts == 1).all())})

    def resumption(self, case, folder):
        """Stops at every step of the first epoch; the tool goes on to the end of the second, as we do."""
        if any(flag.startswith("--") and not self.knows(flag) for flag in case.flags):
            self.left_out.append(f"{case.name}: resumption")
            return
        file = Path(folder) / "state.json"
        options = {"epochs": 2, **case.stream}
        stream = self.stream(case.select, **options)
        for _ in range(stream.steps + 1):
            saved = stream.state
            file.write_text(json.dumps(saved))
            resumed = self.stream(case.select, state=json.loads(file.read_text()), **options)
            rest = digest(self.dataset, resumed)
            there = self.told([*case.flags, "--epochs", "2", "--state", str(file)])
            what = f"{case.name}: from epoch {saved['epoch']}, item {saved['next']}"
            self.expect(what, rest.found, there)
            self.expect(f"{what}: the state at the end", resumed.state, json.loads(file.read_text()))
            # And what the tool wrote is read here; there is nothing to deliver after it.
            end = self.stream(case.select, state=json.loads(file.read_text()), **options)
            self.expect(f"{what}: the tool's state, read here", {"left": 0}, {"left": len(list(end))})
            next(stream)

    @staticmethod
    def await_handler(process):
        """Waits until the tool hears SIGINT, however slow the machine is; before, the signal just ends it."""
        while process.poll() is None:
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("SigCgt:") and int(line.split()[1], 16) >> (signal.SIGINT - 1) & 1:
                    return
            time.sleep(0.005)

    def interruption(self, case, folder, times=5):
        """Interrupts the tool wherever it is; we reproduce what it delivered, and go on with its state."""
        if any(flag.startswith("--") and not self.knows(flag) for flag in case.flags):
            self.left_out.append(f"{case.name}: interruption")
            return
        for attempt in range(times):
            file = Path(folder) / f"interrupted-{attempt}.json"
            file.unlink(missing_ok=True)
            flags = [*case.flags, "--epochs", "1000000", "--state", str(file)]
            process = subprocess.Popen(self.command(flags), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.await_handler(process)
            time.sleep(0.03 * attempt)
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=60)
            lines = output.splitlines()
            if not lines or not file.exists():
                self.expect(f"{case.name}: interruption", {"output": True}, {"error": errors.strip()})
                continue
            there, saved = json.loads(lines[-1]), json.loads(file.read_text())
            stream, result = self.stream(case.select, **case.stream), Digest(self.dataset)
            while result.crops < there["crops"]:
                result.add(next(stream))
            what = f"{case.name}: the tool, interrupted at epoch {saved['epoch']}, item {saved['next']}"
            self.expect(what, result.found | {"crops": result.crops}, there)
            self.expect(f"{what}: its state", stream.state, saved)
            onward = self.stream(case.select, state=saved, epochs=saved["epoch"] + 1, **case.stream)
            there = self.told([*case.flags, "--epochs", str(saved["epoch"] + 1), "--state", str(file)])
            self.expect(f"{what}: both go on", digest(self.dataset, onward).found, there)


def options(dataset, crop):
    """Cases of every option, chosen so that they leave some records out of this directory where they can."""
    columns = dataset.columns
    flags = [
        name
        for bit, name in enumerate(dataset.record_flag_names)
        if 0 < np.count_nonzero(columns.record_flags >> bit & 1) < len(dataset) / 2
    ]
    flags = flags or ["age_capped"]
    flags += [
        name
        for bit, name in enumerate(dataset.lead_flag_names)
        if 0 < np.count_nonzero((columns.lead_flags >> bit & 1).any(1)) < len(dataset) / 2
    ][:1]
    durations = np.sort(columns.frames / columns.rate_hz.astype(float))
    duration = float(float(durations[len(durations) // 4]) + (durations[0] < durations[-1]) * 0.005)
    source = dataset.sources[int(np.bincount(columns.source).argmax())]
    tasks = dataset.tasks()
    task = min(tasks, key=lambda name: abs(dataset.targets(name)[1].mean() - 0.7)) if tasks else None
    folds = Case("folds", ["--folds", "1-8"], {"folds": range(1, 9)})
    masked = Case("a masked tail", ["--tail", "masked"], {}, {"tail": "masked"})
    window = Case("window", ["--order", "window:50"], {}, {"order": "window:50"})
    stored = Case("stored", ["--order", "stored"], {}, {"order": "stored"})
    stride = Case("windows", ["--stride", str(crop * 0.7)], {}, {"stride": crop * 0.7})
    weights = {name: (0.5, 2.5, 0.3)[index % 3] for index, name in enumerate(dataset.sources)}
    shares = [text for name, weight in weights.items() for text in ("--weight", f"{name}={weight}")]
    weighted = Case("weights", shares, {}, {"weights": weights})
    views = Case("two views", ["--views", "2"], {}, {"views": 2})
    blocked = Case("blocked", ["--layout", "blocked"], {}, {"layout": "blocked"})
    major = Case("time-major", ["--layout", "time-major"], {}, {"layout": "time-major"})
    filled = Case("missing interpolated", ["--missing", "interpolated"], {}, {"missing": "interpolated"})
    cases = [
        folds, window, stored, stride, weighted, masked, views, blocked, major, filled,
        Case("a source", ["--source", source], {"sources": source}),
        Case("without flags", [text for name in flags for text in ("--without", name)], {"without": flags}),
        Case("a minimum duration", ["--minimum-duration", repr(duration)], {"minimum_duration": duration}),
        Case("leads", ["--leads", "I,V1"], {"leads": ["I", "V1"]}),
        Case("missing masked", ["--missing", "masked"], {}, {"missing": "masked"}),
        *(Case(f"task {name}", ["--task", name], {"task": name}) for name in tasks),
        *(Case(f"values {name}", ["--normalization", name], {}, {"normalization": name}) for name in NORMALIZATIONS),
        *(Case(f"integrity {name}", ["--integrity", name], {}, {"integrity": name}) for name in INTEGRITIES),
        *(Case(f"{count} threads", ["--threads", str(count)]) for count in (1, 2, 3)),
        stored + stride, stored + stride + masked, stride + masked + folds, window + stride, window + masked + folds,
        weighted + masked, weighted + window + views, weighted + folds, views + blocked + masked, views + major,
        stride + Case("robust", ["--normalization", "robust"], {}, {"normalization": "robust"}) + filled,
        filled + major + views,
    ]  # fmt: skip
    if task:
        cases.append(weighted + Case("task", ["--task", task], {"task": task}) + masked)
    return cases, [Case("plain"), folds, masked, window + masked, stored + stride + masked, weighted + views]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shards", help="the shard directory; records of several sources and lengths compare most")
    parser.add_argument("--tool", required=True, help="the built einthoven")
    parser.add_argument("--batch", type=int, default=24, help="divisible by 1, 2, 3 and 8")
    parser.add_argument("--crop", type=float, default=2.5, help="seconds")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument(
        "--steps", type=int, default=60, help="steps of an epoch to stop at, by a larger batch if need be"
    )
    arguments = parser.parse_args()
    check = Check(arguments.tool, arguments.shards, arguments.batch, arguments.crop, arguments.seed)
    cases, states = options(check.dataset, arguments.crop)
    check.case(Case("plain"), epochs=3)
    check.every_record_once()
    for case in cases:
        check.case(case)
    for case in states:
        check.ranks(case)
    # Every step is stopped at: a large collection gets a batch of which an epoch has few.
    smallest = -(-len(check.dataset) // arguments.steps)
    check.base["batch"] = max(arguments.batch, 24 * -(-smallest // 24))
    with tempfile.TemporaryDirectory() as folder:
        for case in states:
            # Before streams had an order to choose, a state named folds, and not the records.
            if case.flags and not check.knows("--order"):
                check.left_out.append(f"{case.name}: resumption")
                continue
            check.resumption(case, folder)
            check.interruption(case, folder)
    if check.left_out:
        print(
            f"not compared, since the tool's help does not name the option: {'; '.join(dict.fromkeys(check.left_out))}"
        )
    result = f"FAILED: {check.failures} of" if check.failures else "ok:"
    print(f"{result} {check.compared} comparisons of {arguments.shards}")
    return 1 if check.failures else 0


if __name__ == "__main__":
    sys.exit(main())
