"""A GGUF file's metadata and tensors, read with NumPy alone.

Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. The reader of the `gguf` package takes 2.5 s for
the 98 MB default base, since it makes NumPy objects of every vocabulary entry; a start-up and each adapter's check
need the header, and this takes a tenth of a second.
"""

import mmap
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_NEWEST_VERSION = 3
_LARGEST = 1 << 26  # entries; a damaged count must not become an endless loop


class WeightsError(Exception):
    """A file that is no readable GGUF; the sentence says why."""


@dataclass(frozen=True)
class Tensor:
    """Where a tensor lies. `shape` is NumPy's order (rows first), the reverse of the file's."""

    shape: tuple[int, ...]
    kind: int  # ggml's type number
    offset: int  # bytes from the start of the file


class Weights:
    """An open GGUF file: `metadata` by key and `tensors` by name."""

    def __init__(self, path: Path) -> None:
        """Map the file and read its header. Raises WeightsError when it is no GGUF or is cut short."""
        try:
            with path.open("rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise WeightsError(f"{path} cannot be read: {error}.") from error
        self._at = 0
        try:
            self._read_header()
        except (struct.error, KeyError, UnicodeDecodeError, OverflowError) as error:
            raise WeightsError(f"{path} is damaged: its header cannot be read ({error!r}).") from error
        except WeightsError as error:
            raise WeightsError(f"{path} {error}") from error

    def __contains__(self, name: str) -> bool:
        return name in self.tensors

    def array(self, name: str) -> Floats:
        """A tensor as float32 in its shape; quantised types are dequantised exactly as llama.cpp does."""
        from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
        from gguf.quants import dequantize

        tensor = self.tensors[name]
        try:
            kind = GGMLQuantizationType(tensor.kind)
            block, size = GGML_QUANT_SIZES[kind]
            length = prod(tensor.shape) // block * size
            raw = np.frombuffer(self._bytes, np.uint8, length, tensor.offset)
            rows = raw.reshape(*tensor.shape[:-1], tensor.shape[-1] // block * size)
            return np.asarray(dequantize(rows, kind), np.float32).reshape(tensor.shape)
        except (ValueError, KeyError, NotImplementedError) as error:
            raise WeightsError(f"tensor {name} cannot be read ({error}).") from error

    def _read_header(self) -> None:
        if self._bytes[:4] != b"GGUF":
            raise WeightsError("is not a GGUF file.")
        self._at = 4
        version, tensors, pairs = self._scalar("I"), self._scalar("Q"), self._scalar("Q")
        if version not in (2, _NEWEST_VERSION) or max(tensors, pairs) > _LARGEST:
            raise WeightsError(f"has GGUF version {version}, which is not supported.")
        self.metadata: dict[str, Any] = {}
        for _ in range(pairs):
            key = self._string()
            self.metadata[key] = self._value(self._scalar("I"))
        places = {self._string(): self._place() for _ in range(tensors)}
        alignment = int(self.metadata.get("general.alignment", 32))
        start = -(-self._at // alignment) * alignment
        self.tensors = {n: Tensor(shape, kind, start + offset) for n, (shape, kind, offset) in places.items()}

    def _place(self) -> tuple[tuple[int, ...], int, int]:
        dimensions = [self._scalar("Q") for _ in range(self._scalar("I"))]
        return tuple(reversed(dimensions)), self._scalar("I"), self._scalar("Q")

    def _scalar(self, form: str) -> Any:
        (value,) = struct.unpack_from("<" + form, self._bytes, self._at)
        self._at += struct.calcsize("<" + form)
        return value

    def _string(self) -> str:
        length = self._scalar("Q")
        text = self._bytes[self._at : self._at + length]
        if len(text) != length:
            raise WeightsError("is cut short.")
        self._at += length
        return text.decode("utf-8")

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._string()
        if kind != _ARRAY:
            return self._scalar(_SCALARS[kind])
        inner, count = self._scalar("I"), self._scalar("Q")
        if count > _LARGEST:
            raise WeightsError("is damaged: an array has no plausible length.")
        return [self._value(inner) for _ in range(count)]
