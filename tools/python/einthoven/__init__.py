"""Reads directories of ECG shards and streams them into training, bit for bit as the `einthoven` command does."""

from .dataset import Dataset, open_dataset
from .errors import ECGError
from .layout import LEADS
from .record import Record
from .stream import Batch, Stream

__all__ = ["LEADS", "Batch", "Dataset", "ECGError", "Record", "Stream", "open_dataset"]
