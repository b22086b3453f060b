"""The system itself gives most datagrams to the worker that has their call: a filter on the sockets of one port.

Sockets with SO_REUSEPORT get what comes by its source, or as a program of the classic Berkeley packet filter says
(socket(7), SO_ATTACH_REUSEPORT_CBPF; McCanne and Jacobson 1993). Ours looks for a worker's mark: of a response in the
topmost Via, of a request in To; without one it takes the worker that the Call-ID names. Where it finds nothing, or
a wrong one, the workers hand over what they get.
"""

import ctypes
import socket
import struct
from typing import Final

from magroup.workers import marks

SO_ATTACH_REUSEPORT_CBPF: Final = 51
LOAD_WORD, LOAD_WORD_AT_X, LOAD_OCTET_AT_X, LOAD_LENGTH, LOAD_KEPT = 0x20, 0x40, 0x50, 0x80, 0x60
LOAD_X, LOAD_KEPT_X, KEEP, KEEP_X = 0x01, 0x61, 0x02, 0x03
GO, IF_EQUAL, IF_GREATER = 0x05, 0x15, 0x25
ADD, SUBTRACT, MULTIPLY, SHIFT, REST, AND, XOR, AND_X, XOR_X = 0x04, 0x14, 0x24, 0x74, 0x94, 0x54, 0xA4, 0x5C, 0xAC
A_TO_X, X_TO_A, RETURN, RETURN_A = 0x07, 0x87, 0x06, 0x16
_INSTRUCTION: Final = struct.Struct("=HBBI")

BY_SOURCE: Final = 0xFFFFFFFF
"""No socket's number: the system chooses one."""

MOST: Final = 4096
BRANCH_FROM, BRANCH_TO = 32, 160
TAG_FROM, TAG_TO = 64, 768
CALL_ID_FROM, CALL_ID_TO = 64, 832
"""Octets in which a mark, or the Call-ID, is looked for."""

_BLOCK: Final = 64
_STEP: Final = 16
"""Octets after which it is looked whether there are as many more: whatever is read behind the end means worker 1."""

_Target = str | int


class _Program:
    """Instructions; where one leads to is the name of a place, or 0 for the next one."""

    def __init__(self) -> None:
        self._made: list[tuple[int, _Target, _Target, _Target]] = []
        self._places: dict[str, int] = {}

    def put(self, code: int, value: int = 0) -> None:
        self._made.append((code, 0, 0, value))

    def test(self, code: int, value: int, yes: _Target = 0, no: _Target = 0) -> None:
        """``code`` is a comparison; what it leads to is 255 instructions away at most."""
        self._made.append((code, yes, no, value))

    def go(self, place: str) -> None:
        self._made.append((GO, 0, 0, place))

    def forward(self, octets: int) -> None:
        """X, a place in the datagram, is so much further behind."""
        self.put(X_TO_A)
        self.put(ADD, octets)
        self.put(A_TO_X)

    def place(self, name: str) -> None:
        """The next instruction's name."""
        self._places[name] = len(self._made)

    def packed(self) -> bytes:
        """Raises ValueError for what is too long, struct.error for what leads too far."""
        if len(self._made) > MOST:
            raise ValueError(f"{len(self._made)} instructions are more than {MOST}")
        found = []
        for at, (code, yes, no, value) in enumerate(self._made, 1):
            to = [self._places[one] - at if isinstance(one, str) else one for one in (yes, no, value)]
            found.append(_INSTRUCTION.pack(code, *to))
        return b"".join(found)


def program(count: int) -> bytes:
    """The filter for ``count`` sockets, that of worker 1 first; marks of two digits are left to the workers."""
    made = _Program()
    made.put(LOAD_LENGTH)
    made.test(IF_GREATER, BRANCH_FROM + _BLOCK, "long enough")
    made.put(RETURN, BY_SOURCE)
    made.place("long enough")
    made.put(LOAD_WORD, 0)
    made.test(IF_EQUAL, _word(b"SIP/"), "response")
    made.go("request")
    made.place("response")
    _search(made, b"z9hG4bKw", 1, BRANCH_FROM, BRANCH_TO, "no mark", "branch")
    made.place("branch")
    _check(made, 4, b"4bKw", "no mark")
    made.forward(8)
    _number(made, count, "no mark")
    made.place("no mark")
    made.put(RETURN, BY_SOURCE)
    made.place("request")
    _search_tag(made)
    made.place("tag")
    _number(made, count, "new")
    made.place("new")
    _search(made, b"Call-ID: ", 0, CALL_ID_FROM, CALL_ID_TO, "nothing", "Call-ID")
    made.place("Call-ID")
    _check(made, 4, b"-ID:", "nothing")
    made.forward(9)
    _hash(made)
    made.put(REST, count)
    made.put(RETURN_A)
    made.place("nothing")
    made.put(RETURN, BY_SOURCE)
    return made.packed()


def _word(octets: bytes) -> int:
    found: int = struct.unpack("!I", octets)[0]
    return found


def _search(made: _Program, text: bytes, first: int, start: int, end: int, missing: str, found: str) -> None:
    """Go to ``found`` with X the place of the text, of which the four words from the octet ``first`` on are looked for:
    one of them is at a multiple of four octets. What is no text is only seen by whoever looks at more of it.
    """
    for block in range(start, end, _BLOCK):
        for at in range(block, block + _BLOCK, 4):
            _look_for_end(made, at, missing)
            made.put(LOAD_X, at)
            made.put(LOAD_WORD, at)
            for shift in range(first, first + 4):
                made.test(IF_EQUAL, _word(text[shift : shift + 4]), f"{found} {block} {shift}")
        made.go(f"{found} after {block}")
        for shift in range(first, first + 4):
            made.place(f"{found} {block} {shift}")
            made.put(X_TO_A)
            made.put(SUBTRACT, shift)
            made.put(A_TO_X)
            made.go(found)
        made.place(f"{found} after {block}")
    made.go(missing)


def _search_tag(made: _Program) -> None:
    """Go to ``tag`` with X the place of a worker's number, else to ``new``. From has a tag before, so that a w in it is
    looked for too.
    """
    for block in range(TAG_FROM, TAG_TO, _BLOCK):
        for at in range(block, block + _BLOCK, 2):
            _look_for_end(made, at, "new")
            made.put(LOAD_X, at)
            made.put(LOAD_WORD, at)
            made.test(IF_EQUAL, _word(b"ag=w"), f"tag {block} 4")
            made.put(AND, 0xFFFFFF00)
            made.test(IF_EQUAL, _word(b"g=w\0"), f"tag {block} 3")
        made.go(f"tag after {block}")
        for length in (4, 3):
            made.place(f"tag {block} {length}")
            made.forward(length)
            made.go("tag")
        made.place(f"tag after {block}")
    made.go("new")


def _look_for_end(made: _Program, at: int, missing: str) -> None:
    if at % _STEP == 0:
        made.put(LOAD_LENGTH)
        made.test(IF_GREATER, at + _STEP + 12, 1)
        made.go(missing)


def _check(made: _Program, at: int, text: bytes, missing: str) -> None:
    """Go on where these octets are there, so far from X."""
    made.put(LOAD_WORD_AT_X, at)
    made.test(IF_EQUAL, _word(text), 1)
    made.go(missing)


def _number(made: _Program, count: int, missing: str) -> None:
    """Return the worker whose number of one digit, with a dot after it, is at X."""
    made.put(LOAD_OCTET_AT_X, 1)
    made.test(IF_EQUAL, ord("."), 1)
    made.go(missing)
    made.put(LOAD_OCTET_AT_X, 0)
    made.put(SUBTRACT, ord("1"))
    made.test(IF_GREATER, count - 1, 1)
    made.put(RETURN_A)
    made.go(missing)


def _hash(made: _Program) -> None:
    """A is ``marks.hashed`` of the Call-ID at X."""
    value, old, at = 0, 1, 2
    made.put(KEEP_X, at)
    made.put(X_TO_A)
    made.put(AND, 0)
    made.put(KEEP, value)
    for word in range(marks.HASHED_WORDS):
        # Whether an octet is below 0x21, which ends it: (w - 0x21212121) & ~w & 0x80808080.
        made.put(LOAD_KEPT_X, at)
        made.put(LOAD_WORD_AT_X, 4 * word)
        made.put(KEEP, old)
        made.put(XOR, 0xFFFFFFFF)
        made.put(AND, 0x80808080)
        made.put(A_TO_X)
        made.put(LOAD_KEPT, old)
        made.put(SUBTRACT, 0x21212121)
        made.put(AND_X)
        made.test(IF_EQUAL, 0, 1)
        made.go(f"rest {word}")
        made.put(LOAD_KEPT_X, value)
        made.put(LOAD_KEPT, old)
        made.put(XOR_X)
        made.put(MULTIPLY, marks.GOLDEN)
        made.put(KEEP, value)
    made.go("mixed")
    for word in range(marks.HASHED_WORDS):
        made.place(f"rest {word}")
        made.put(LOAD_KEPT_X, at)
        made.forward(4 * word)
        made.put(KEEP_X, at)
        made.go("rest")
    made.place("rest")
    for octet in range(3):
        made.put(LOAD_KEPT_X, at)
        made.put(LOAD_OCTET_AT_X, octet)
        made.test(IF_GREATER, 0x20, 1)
        made.go("mixed")
        made.put(LOAD_KEPT_X, value)
        made.put(XOR_X)
        made.put(MULTIPLY, marks.GOLDEN)
        made.put(KEEP, value)
    made.place("mixed")
    made.put(LOAD_KEPT, value)
    for shift, factor in ((16, marks.MIX_FIRST), (13, marks.MIX_THEN), (16, 0)):
        made.put(KEEP, value)
        made.put(SHIFT, shift)
        made.put(LOAD_KEPT_X, value)
        made.put(XOR_X)
        if factor:
            made.put(MULTIPLY, factor)


def attach(end: socket.socket, count: int) -> None:
    """To all sockets of the port, of which ``end`` is one. Raises OSError where the system has no such filters."""
    instructions = program(count)
    kept = ctypes.create_string_buffer(instructions, len(instructions))
    told = struct.pack("HL", len(instructions) // _INSTRUCTION.size, ctypes.addressof(kept))
    end.setsockopt(socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, told)
