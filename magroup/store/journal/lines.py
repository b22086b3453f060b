"""Call records as JSON lines of the journal's files: each field by its name; one that is missing has its default."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec

from magroup.model.calls import CallRecord, LegRecord, Reason


class Kind(StrEnum):
    """A call that is up, as far as it has come, or one that has ended."""

    LIVE = "live"
    ENDED = "ended"


@dataclass(unsafe_hash=True, init=False)
class Entry:
    """One line of a journal file."""

    kind: Final[Kind]
    call: Final[CallRecord]

    def __init__(self, kind: Kind, call: CallRecord) -> None:
        self.kind = kind
        self.call = call

    def encode(self) -> bytes:
        """The line with its end. Raises ValueError or TypeError for what JSON cannot hold."""
        try:
            call = _ENCODER.encode(self.call)
        except UnicodeEncodeError:
            # A lone surrogate, of bytes from the network that were no UTF-8.
            call = json.dumps(msgspec.to_builtins(self.call)).encode("ascii")
        return b'{"%b":%b}\n' % (self.kind.value.encode("ascii"), call)

    @classmethod
    def decode(cls, line: bytes) -> "Entry":
        """From a line; ValueError for anything that ``encode`` does not write."""
        try:
            ((kind, call),) = json.loads(line).items()
            return cls(Kind(kind), _record(CallRecord, call))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise ValueError(f"no line of a journal: {error}") from None


def last_moment(call: CallRecord) -> float:
    """The latest time that the record knows of (UTC seconds)."""
    legs = ((leg.ringing_at, leg.answered_at, leg.ended_at) for leg in call.legs)
    return max(call.started_at, call.answered_at, call.ended_at, *(max(times) for times in legs))



def _types(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind).items()
    return {name: get_args(hint)[0] if get_origin(hint) is Final else hint for name, hint in hints}


_TYPES: Final = {kind: _types(kind) for kind in (CallRecord, LegRecord, Reason)}
_LISTS: Final[dict[str, type[LegRecord] | type[Reason]]] = {"legs": LegRecord, "trail": Reason}
_ENCODER: Final = msgspec.json.Encoder()


def _record(kind: Any, plain: dict[str, Any]) -> Any:
    types = _TYPES[kind]
    values: dict[str, Any] = {}
    for name, value in plain.items():
        if part := _LISTS.get(name):
            values[name] = tuple(_record(part, item) for item in value)
        elif types[name] is float and type(value) is int:
            values[name] = float(value)
        elif issubclass(types[name], StrEnum):
            values[name] = types[name](value)
        elif type(value) is types[name]:
            values[name] = value
        else:
            raise ValueError(f"{name} is {value!r:.40}")
    return kind(**values)
