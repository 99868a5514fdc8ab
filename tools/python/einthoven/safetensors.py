"""The safetensors container: `u64 N`, N bytes of JSON, then the tensors without holes, all little-endian."""

import math

from .errors import ECGError
from .jsontext import Fields, parse

# As the reference implementation.
HEADER_LIMIT = 100_000_000

# Element types that a header may name: size in bytes.
SIZES = {
    "BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2, "U32": 4, "I32": 4, "F32": 4,
    "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip


def read_exactly(file, count, path):
    """The next bytes of an open file, so many of them."""
    data = bytearray()
    while len(data) < count:
        part = file.read(count - len(data))
        if not part:
            raise ECGError("ends too early", code="mismatch", file=path, byte=file.tell())
        data += part
    return bytes(data)


def malformed(message, path, byte=None):
    """The error for a file that is not what the format asks for."""
    return ECGError(f"is no valid safetensors file: {message}", code="malformed", file=path, byte=byte)


def read_table(file, size, path):
    """(the header's table, metadata, where the first tensor begins) of an open file of `size` bytes."""
    if size < 8:
        raise malformed(f"{size} bytes", path)
    length = int.from_bytes(read_exactly(file, 8, path), "little")
    if length > min(HEADER_LIMIT, size - 8):
        raise malformed(f"a header of {length} bytes in a file of {size}", path, 0)
    table = Fields(parse(read_exactly(file, length, path), path), path)
    metadata = table.object("__metadata__") if "__metadata__" in table.value else Fields({}, path, "__metadata__")
    if not all(type(value) is str for value in metadata.value.values()):
        raise malformed("its metadata holds what is no text", path)
    return table, metadata, 8 + length


def tensor_places(table, offset, size, path):
    """name → (type, shape, begin, end) of a table, counted from the first tensor, which begins at byte `offset`.

    Everything that the table claims is checked: tensors have the size of their shape, and fill the file.
    """
    tensors = {}
    for name in table.value:
        if name == "__metadata__":
            continue
        tensor = table.object(name)
        kind, shape, range_ = tensor.text("dtype"), tensor.value.get("shape"), tensor.value.get("data_offsets")
        for numbers in (shape, range_):
            if (
                type(numbers) is not list
                or len(numbers) > 8
                or not all(type(number) is int and 0 <= number < 1 << 62 for number in numbers)
            ):
                raise malformed(f"shape or offsets of {name} are no sizes", path)
        if kind not in SIZES or len(range_) != 2 or not range_[0] <= range_[1] <= size - offset:
            raise malformed(f"type or offsets of {name} do not fit the file", path)
        if range_[1] - range_[0] != SIZES[kind] * math.prod(shape):
            raise malformed(f"the offsets of {name} do not fit its shape", path, offset + range_[0])
        tensors[name] = (kind, shape, *range_)
    end = 0
    for name, (_, _, begin, stop) in sorted(tensors.items(), key=lambda item: (item[1][2:], item[0])):
        if begin != end:
            raise malformed(f"a hole or overlap before {name}", path, offset + end)
        end = stop
    if end != size - offset:
        raise malformed(f"its tensors end at byte {offset + end}, the file at {size}", path)
    return tensors
