"""New inputs from old ones: bytes, words and lines changed as attackers and broken peers would."""

import re
from collections.abc import Callable, Sequence
from random import Random

NUMBERS = (
    *(b"%d" % number for number in (
        0, 1, -1, 2, 7, 9, 10, 63, 64, 99, 100, 127, 128, 255, 256, 999, 1000, 4095, 9999, 32767, 32768, 65535, 65536,
        99999, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53, 2**63 - 1, 2**63, 2**64, 10**40,
    )),
    b"1.5", b"1e999", b"-0", b"+1", b"0x10", b"007", b" 5", b"NaN", "\u0665".encode(), "\u00b2".encode(),
)  # fmt: skip
BAD_TEXT = (
    b"\x00", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc3", b"\xe2\x82", b"\xef\xbb\xbf",
    b"\x7f", b"\x0b",
    b"\x1f", b"\x85", "\u2028".encode(), "\u202e".encode(), "\u00a0".encode(), "\u0130".encode(),
    "\U0001f600".encode(), b"\t", b"\r", b"\n",
    b"\r\n", b"\r\n\r\n", b"\n\n", b"%00", b"%0d%0a", b"%", b"\\", b'"', b"'", b"<", b">", b"&", b";", b",", b"=",
    b":", b"@", b"?",
)  # fmt: skip
NESTS = ((b"[", b"]"), (b"(", b")"), (b"{", b"}"), (b'{"a":', b"}"), (b"<a>", b"</a>"), (b"<", b">"), (b'"', b'"'))
_NUMBER = re.compile(rb"[0-9]+")
_WORD = re.compile(rb"[A-Za-z0-9_.-]{2,}")


class Mutator:
    """Draws from ``random``; ``tokens`` are words of the protocol, ``largest`` bounds what comes out."""

    def __init__(self, random: Random, tokens: Sequence[bytes], largest: int) -> None:
        self._random = random
        self._tokens = tokens or (b"",)
        self._largest = largest
        self._ways: Sequence[Callable[[bytes], bytes]] = (
            self._flip, self._byte, self._insert, self._insert, self._cut, self._truncate, self._repeat, self._many,
            self._number, self._number, self._length, self._line_twice, self._line_away, self._lines_swapped,
            self._lines_many, self._nest, self._bad_text, self._bad_text, self._token_for_word, self._case, self._move,
        )  # fmt: skip

    def mutated(self, data: bytes, corpus: Sequence[bytes]) -> bytes:
        """Something like ``data``, maybe with a part of another one."""
        random = self._random
        if random.random() < 0.2 and corpus:
            data = self._spliced(data, random.choice(corpus))
        for _ in range(random.choice((1, 1, 1, 2, 2, 3, 5, 8))):
            data = random.choice(self._ways)(data)
        return data[: self._largest]

    def _at(self, data: bytes) -> int:
        return self._random.randint(0, len(data))

    def _span(self, data: bytes) -> tuple[int, int]:
        start = self._at(data)
        longest = self._random.choice((1, 4, 16, 64, 1024))
        return start, min(len(data), start + self._random.randint(1, longest))

    def _spliced(self, data: bytes, other: bytes) -> bytes:
        if self._random.random() < 0.5:
            return data[: self._at(data)] + other[self._at(other) :]
        start, end = self._span(other)
        at = self._at(data)
        return data[:at] + other[start:end] + data[at:]

    def _flip(self, data: bytes) -> bytes:
        if not data:
            return data
        at = self._random.randrange(len(data))
        return data[:at] + bytes((data[at] ^ 1 << self._random.randrange(8),)) + data[at + 1 :]

    def _byte(self, data: bytes) -> bytes:
        at = self._at(data)
        return (
            data[:at]
            + bytes((self._random.choice((0, 1, 10, 13, 32, 127, 128, 255, self._random.randrange(256))),))
            + data[at + 1 :]
        )

    def _insert(self, data: bytes) -> bytes:
        at = self._at(data)
        return data[:at] + self._random.choice(self._tokens) + data[at:]

    def _cut(self, data: bytes) -> bytes:
        start, end = self._span(data)
        return data[:start] + data[end:]

    def _truncate(self, data: bytes) -> bytes:
        return data[: self._at(data)]

    def _repeat(self, data: bytes) -> bytes:
        start, end = self._span(data)
        return data[:end] + data[start:end] * self._random.choice((1, 2, 3, 20)) + data[end:]

    def _many(self, data: bytes) -> bytes:
        """A short piece so often that whatever is not linear is noticed; seldom, for it takes time."""
        if self._random.random() < 0.6:
            return self._repeat(data)
        random, at = self._random, self._at(data)
        piece = (
            random.choice((random.choice(self._tokens), random.choice(BAD_TEXT), b" ", b" ", data[at : at + 3])) or b" "
        )
        count = random.choice((100, 1000, self._largest)) // len(piece) + 1
        return data[:at] + (piece * count)[: max(0, self._largest - len(data))] + data[at:]

    def _number(self, data: bytes) -> bytes:
        found = list(_NUMBER.finditer(data, 0, 4096))
        if not found:
            return self._insert(data)
        match = self._random.choice(found)
        return data[: match.start()] + self._random.choice(NUMBERS) + data[match.end() :]

    def _length(self, data: bytes) -> bytes:
        """A binary length that lies."""
        at, size = self._at(data), self._random.choice((1, 2, 4))
        value = self._random.choice((0, 1, 3, 4, 7, 8, len(data), len(data) - at, 127, 255, 65535, 2**31, 2**32 - 1))
        return (
            data[:at]
            + (value & (1 << 8 * size) - 1).to_bytes(size, self._random.choice(("big", "little")))
            + data[at + size :]
        )

    def _lines(self, data: bytes) -> tuple[list[bytes], bytes]:
        end = b"\r\n" if b"\r\n" in data else b"\n"
        return data.split(end), end

    def _line_twice(self, data: bytes) -> bytes:
        lines, end = self._lines(data)
        lines.insert(self._random.randrange(len(lines) + 1), self._random.choice(lines))
        return end.join(lines)

    def _line_away(self, data: bytes) -> bytes:
        lines, end = self._lines(data)
        del lines[self._random.randrange(len(lines))]
        return end.join(lines)

    def _lines_swapped(self, data: bytes) -> bytes:
        lines, end = self._lines(data)
        one, other = self._random.randrange(len(lines)), self._random.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
        return end.join(lines)

    def _lines_many(self, data: bytes) -> bytes:
        lines, end = self._lines(data)
        at = self._random.randrange(len(lines))
        lines[at:at] = [lines[at]] * self._random.choice((2, 10, 40, 150))
        return end.join(lines)[: self._largest]

    def _nest(self, data: bytes) -> bytes:
        opening, closing = self._random.choice(NESTS)
        depth = self._random.choice((1, 2, 10, 30, 300, 3000))
        if self._random.random() < 0.2:
            closing = b""
        start, end = self._span(data)
        return data[:start] + opening * depth + data[start:end] + closing * depth + data[end:]

    def _bad_text(self, data: bytes) -> bytes:
        start, end = self._span(data)
        return data[:start] + self._random.choice(BAD_TEXT) + data[self._random.choice((start, end)) :]

    def _token_for_word(self, data: bytes) -> bytes:
        found = list(_WORD.finditer(data, 0, 4096))
        if not found:
            return self._insert(data)
        match = self._random.choice(found)
        return data[: match.start()] + self._random.choice(self._tokens) + data[match.end() :]

    def _case(self, data: bytes) -> bytes:
        start, end = self._span(data)
        return data[:start] + data[start:end].swapcase() + data[end:]

    def _move(self, data: bytes) -> bytes:
        start, end = self._span(data)
        rest = data[:start] + data[end:]
        at = self._at(rest)
        return rest[:at] + data[start:end] + rest[at:]
