"""The system itself gives most datagrams to the worker that has their call: a filter on the sockets of one port.

Sockets with SO_REUSEPORT get what comes by its source, or as a program of the classic Berkeley packet filter says
(socket(7), SO_ATTACH_REUSEPORT_CBPF; McCanne and Jacobson 1993). Ours looks for a worker's mark: of a response in the
topmost Via, of a request in To. Where it finds none, or finds a wrong one, the workers hand over what they get.
"""

import ctypes
import socket
import struct
from typing import Final

SO_ATTACH_REUSEPORT_CBPF: Final = 51
_LOAD_WORD, _LOAD_BYTE, _LOAD_AT_X, _LOAD_LENGTH, _LOAD_X = 0x20, 0x30, 0x50, 0x80, 0x01
_IF_EQUAL, _IF_GREATER, _GO, _SUBTRACT, _RETURN, _RETURN_A = 0x15, 0x25, 0x05, 0x14, 0x06, 0x16
_INSTRUCTION: Final = struct.Struct("=HBBI")
BY_SOURCE: Final = 0xFFFFFFFF
"""No socket's number: the system chooses one."""

MOST: Final = 4096
_STEP: Final = 32
_RESPONSE: Final = struct.unpack("!I", b"SIP/")[0]
_IN_BRANCH: Final = struct.unpack("!I", b"4bKw")[0]
_IN_TAG: Final = struct.unpack("!I", b"ag=w")[0]
BRANCH_FROM, BRANCH_TO = 30, 158
TAG_FROM, TAG_TO = 64, 736
"""Octets in which a mark is looked for."""


def program(count: int) -> bytes:
    """The filter for ``count`` sockets, that of worker 1 first; marks of two digits are left to the workers."""
    made: list[tuple[int, int, int, int]] = []
    branches = _search(_IN_BRANCH, BRANCH_FROM, BRANCH_TO)
    tags = _search(_IN_TAG, TAG_FROM, TAG_TO)
    end = [
        (_LOAD_AT_X, 0, 0, 5), (_IF_EQUAL, 1, 0, ord(".")), (_RETURN, 0, 0, BY_SOURCE),
        (_LOAD_AT_X, 0, 0, 4), (_SUBTRACT, 0, 0, ord("1")), (_IF_GREATER, 1, 0, count - 1), (_RETURN_A, 0, 0, 0),
        (_RETURN, 0, 0, BY_SOURCE),
    ]  # fmt: skip
    begin = [(_LOAD_LENGTH, 0, 0, 0), (_IF_GREATER, 1, 0, BRANCH_FROM + _STEP), (_RETURN, 0, 0, BY_SOURCE),
             (_LOAD_WORD, 0, 0, 0), (_IF_EQUAL, 1, 0, _RESPONSE), (_GO, 0, 0, len(branches))]  # fmt: skip
    whole = [*begin, *branches, *tags, *end]
    found = len(whole) - len(end)
    for at, (code, yes, no, value) in enumerate(whole):
        made.append((code, yes, no, found - at - 1) if (code, value) == (_GO, _FOUND) else (code, yes, no, value))
    if len(made) > MOST:
        raise ValueError(f"{len(made)} instructions are more than {MOST}")
    return b"".join(_INSTRUCTION.pack(*one) for one in made)


_FOUND: Final = 0xFFFFFFFF


def _search(word: int, first: int, last: int) -> list[tuple[int, int, int, int]]:
    """Go to where the number is read, with X the place of the first such word; else return BY_SOURCE."""
    made = []
    for at in range(first, last):
        if (at - first) % _STEP == 0:
            made += [(_LOAD_LENGTH, 0, 0, 0), (_IF_GREATER, 1, 0, at + _STEP + 6), (_RETURN, 0, 0, BY_SOURCE)]
        made += [(_LOAD_WORD, 0, 0, at), (_IF_EQUAL, 0, 2, word), (_LOAD_X, 0, 0, at), (_GO, 0, 0, _FOUND)]
    return [*made, (_RETURN, 0, 0, BY_SOURCE)]


def attach(end: socket.socket, count: int) -> None:
    """To all sockets of the port, of which ``end`` is one. Raises OSError where the system has no such filters."""
    instructions = program(count)
    kept = ctypes.create_string_buffer(instructions, len(instructions))
    told = struct.pack("HL", len(instructions) // _INSTRUCTION.size, ctypes.addressof(kept))
    end.setsockopt(socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, told)
