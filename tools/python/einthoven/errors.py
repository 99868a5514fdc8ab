"""The one error of the package."""

LONGEST = 2000


class ECGError(Exception):
    """What is wrong, where, and what to do about it, in one line.

    `code` is what programs decide on: "not-found", "input-output", "malformed", "mismatch", "unsupported" or
    "invalid-argument". `file`, `record` and `byte` say where, as far as there is a place.
    """

    def __init__(self, message, *, code="invalid-argument", file=None, record=None, byte=None, advice=None):
        self.code = code
        self.message = message
        self.file = None if file is None else str(file)
        self.record = record
        self.byte = byte
        self.advice = advice
        parts = []
        if self.file is not None:
            parts.append(self.file)
        if record is not None:
            parts.append(f"record {record}")
        if byte is not None:
            parts.append(f"byte {byte}")
        parts.append(f"{message}; {advice}" if advice else message)
        # What a file holds may be quoted: no control character of it reaches a terminal, and no megabyte.
        text = ": ".join(parts)
        shown = "".join(c if c.isprintable() else " " for c in text[:LONGEST])
        super().__init__(shown + (" …" if len(text) > LONGEST else ""))

    def __reduce__(self):
        return _restored, (
            self.message,
            {k: getattr(self, k) for k in ("code", "file", "record", "byte", "advice")},
        )


def _restored(message, place):
    return ECGError(message, **place)
