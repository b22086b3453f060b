"""Inputs that are several messages, with time that passes in between."""

import re
from collections.abc import Iterator

SEPARATOR = b"\x1e"
"""Between the messages of an input."""

MOST = 30
_WAIT = re.compile(rb"\+([0-9]{1,3})\Z")


def steps(data: bytes) -> Iterator[bytes | int]:
    """Messages, and numbers: tenths of a second to wait (``+NUMBER``)."""
    for piece in data.split(SEPARATOR)[:MOST]:
        found = _WAIT.match(piece)
        yield int(found[1]) if found else piece


def program(*steps: bytes | int) -> bytes:
    """The input that has these steps."""
    return SEPARATOR.join(b"+%d" % step if isinstance(step, int) else step for step in steps)
