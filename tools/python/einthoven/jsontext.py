"""JSON from files that may be damaged or made up: every value is checked before it is used."""

import json

from .errors import ECGError


def parse(data, file):
    """The value of JSON text in bytes; no key twice in an object, no NaN, nothing nested without end."""

    def unique(pairs):
        table = dict(pairs)
        if len(table) != len(pairs):
            raise ValueError("a key stands twice in an object")
        return table

    def refuse(text):
        raise ValueError(f"{text} is no number of JSON")

    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=unique, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise ECGError(f"is no JSON: {error.msg}", code="malformed", file=file, byte=error.pos) from None
    except UnicodeDecodeError as error:
        raise ECGError("is no UTF-8", code="malformed", file=file, byte=error.start) from None
    except (ValueError, RecursionError) as error:
        what = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ECGError(f"is no JSON: {what}", code="malformed", file=file) from None


class Fields:
    """An object of JSON whose fields are taken by type; what is absent or of another type is an `ECGError`."""

    def __init__(self, value, file, name=""):
        self.file = file
        self.name = name
        if type(value) is not dict:
            raise self.error("is no object")
        self.value = value

    def error(self, message, key=None):
        place = ".".join(str(part) for part in (self.name, key) if part not in ("", None))
        return ECGError(f'"{place}" {message}' if place else message, code="malformed", file=self.file)

    def _get(self, key, kind, what):
        value = self.value.get(key)
        if type(value) is not kind:
            raise self.error(f"is {'absent' if value is None else 'no ' + what}", key)
        return value

    def text(self, key):
        return self._whole(key, self._get(key, str, "text"))

    def integer(self, key, low=0, high=1 << 52):
        value = self._get(key, int, "integer")
        if not low <= value <= high:
            raise self.error(f"is not from {low} to {high}", key)
        return value

    def numbers(self, key):
        values = self._get(key, list, "list")
        # An integer of JSON may have more digits than a float has room for.
        if not all(type(value) is float or type(value) is int and abs(value) <= 1 << 53 for value in values):
            raise self.error("has values that are no numbers", key)
        return [float(value) for value in values]

    def texts(self, key):
        values = self._get(key, list, "list")
        if not all(type(value) is str for value in values):
            raise self.error("has values that are no text", key)
        return [self._whole(key, value) for value in values]

    def _whole(self, key, text):
        # An escape of JSON may be half of a surrogate pair, which no UTF-8 has.
        try:
            text.encode()
        except UnicodeEncodeError:
            raise self.error("is no text of Unicode", key) from None
        return text

    def object(self, key):
        return Fields(self._get(key, dict, "object"), self.file, f"{self.name}.{key}" if self.name else key)

    def objects(self, key):
        name = f"{self.name}.{key}" if self.name else key
        return [Fields(v, self.file, f"{name}[{i}]") for i, v in enumerate(self._get(key, list, "list"))]
