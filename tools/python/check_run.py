"""Checks what a pretraining run left for others: TensorBoard's own reader finds in its events what metrics.jsonl tells.

    python tools/python/check_run.py RUN

    pip install tensorboard
"""

import json
import math
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main(run):
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    # The reader checks the checksum of each record.
    events = EventAccumulator(str(run / "events.out.tfevents"), size_guidance={"scalars": 0})
    events.Reload()
    names = {name for line in lines for name in line} - {"step", "epoch", "seconds", "records"}
    if set(events.Tags()["scalars"]) != names:
        sys.exit(f"{run}: events have {sorted(events.Tags()['scalars'])}, not {sorted(names)}")
    count = 0
    for name in sorted(names):
        told = [(line["step"], line[name], line["seconds"]) for line in lines if name in line]
        found = [(event.step, event.value, event.wall_time) for event in events.Scalars(name)]
        if len(told) != len(found):
            sys.exit(f"{run}: {name} has {len(found)} events, not {len(told)}")
        begin = found[0][2] - told[0][2]
        for (step, value, seconds), event in zip(told, found):
            if event[0] != step or not math.isclose(event[1], value, rel_tol=1e-6, abs_tol=1e-37):
                sys.exit(f"{run}: {name} is {event[1]} at step {event[0]}, not {value} at step {step}")
            if abs(event[2] - begin - seconds) > 1e-3:
                sys.exit(f"{run}: {name} at step {step} has another time")
            count += 1
    print(f"{run}: {count} values, as in metrics.jsonl")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
