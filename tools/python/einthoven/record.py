"""One record."""

from dataclasses import dataclass

import numpy as np

from .layout import LEADS, MISSING


@dataclass(frozen=True, eq=False)
class Record:
    """A record as it is stored.

    `counts` is int16 [T, 12], read-only, -32768 where a sample is missing; `scale_uv` float32 [12] is the µV of a
    count. `age` is in years, None if unknown; `sex` "female", "male" or None; `fold` 0 if there is none; `patient` the
    patient's key, 0 if the source has none. `statements` are (code, value) as the source states them, `flags` names of
    what is known of the record, `lead_flags` the same by lead, for leads that have any. `leads` are those that are
    present.
    """

    id: str
    key: int
    source: str
    rate_hz: float
    age: float | None
    sex: str | None
    fold: int
    patient: int
    leads: tuple
    flags: tuple
    lead_flags: dict
    statements: tuple
    scale_uv: np.ndarray
    counts: np.ndarray

    def millivolts(self):
        """float32 [12, T] in mV; NaN where a sample is missing and in leads that are absent."""
        values = (self.counts.T * (self.scale_uv.astype(np.float64) / 1000)[:, None]).astype(np.float32)
        values[self.counts.T == MISSING] = np.nan
        values[[lead not in self.leads for lead in LEADS]] = np.nan
        return values


def record(dataset, index):
    """Record `index` of a data set."""
    columns = dataset.columns
    age = float(columns.age_years[index])
    first, end = (int(columns.label_offset[index + k]) for k in range(2))
    mask = int(columns.lead_mask[index])
    flags = [int(bits) for bits in columns.lead_flags[index]]
    return Record(
        id=columns.record_id[index].decode(errors="replace"),
        key=int(columns.record_key[index]),
        source=dataset.sources[columns.source[index]],
        # The shortest number that is the float32: 500.2, not 500.2000122.
        rate_hz=float(str(columns.rate_hz[index])),
        age=None if np.isnan(age) else age,
        sex={1: "female", 2: "male"}.get(int(columns.sex[index])),
        fold=int(columns.fold[index]),
        patient=int(columns.patient_key[index]),
        leads=tuple(lead for k, lead in enumerate(LEADS) if mask >> k & 1),
        flags=_names(int(columns.record_flags[index]), dataset.record_flag_names),
        lead_flags={
            lead: _names(bits, dataset.lead_flag_names)
            for lead, bits in zip(LEADS, flags)
            if _names(bits, dataset.lead_flag_names)
        },
        statements=tuple(
            (dataset.codes[code], float(value))
            for code, value in zip(columns.label_code[first:end], columns.label_value[first:end])
        ),
        scale_uv=columns.scale_uv[index],
        counts=dataset.signals.counts(index),
    )


def _names(bits, names):
    return tuple(name for bit, name in enumerate(names) if bits >> bit & 1)
