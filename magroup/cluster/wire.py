"""What messages of the bus hold, as JSON: read with types and limits, or refused."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_encoder = msgspec.json.Encoder()


def written(value: Any) -> bytes:
    """A value of dataclasses, lists, texts and numbers."""
    return _encoder.encode(value)


def read(body: bytes, kind: type[T]) -> T:
    """What was written. Raises ValueError for anything that is not of this kind."""
    try:
        return msgspec.json.decode(body, type=kind)
    except RecursionError:
        raise ValueError("nested too deep") from None


def reader(kind: Any) -> Callable[[bytes], Any]:
    """``read`` for what comes often: what the kind demands is found out once."""
    decode = msgspec.json.Decoder(kind).decode

    def read_it(body: bytes) -> Any:
        try:
            return decode(body)
        except RecursionError:
            raise ValueError("nested too deep") from None

    return read_it


def of_kind(value: Any, kind: Any) -> Any:
    """The same of what was read as plain lists and dictionaries. Raises ValueError."""
    return msgspec.convert(value, kind)
