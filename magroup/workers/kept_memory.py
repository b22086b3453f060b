"""What a worker keeps of its calls, in memory that the process which has started it has too: it is there when it dies.

Calls are in slots of a few sizes, cut from chunks. A slot counts as soon as its number is written, which is done last,
and the older one of a call is given up after that: whoever is killed in between leaves the one or the other.
"""

import mmap
import os
import struct
from resource import RLIM_INFINITY, RLIMIT_FSIZE, getrlimit, setrlimit
from typing import Final, Self

from magroup.cluster.kept_calls import LONGEST_FORM, MOST_CALLS

NAME: Final = "magroup calls"
CHUNK: Final = 1 << 17
_HEAD: Final = 4096
_CHUNK_HEAD: Final = 64
SIZE: Final = _HEAD + 2048 * CHUNK
"""Octets, of which the system gives those that are written to."""

_SMALLEST: Final = 10
_SIZES: Final = (1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15, CHUNK - _CHUNK_HEAD)
_KINDS: Final = tuple(min(number.bit_length(), len(_SIZES) - 1) for number in range(CHUNK >> _SMALLEST))
"""The number of the smallest size for so many whole KiB and a part of one."""

_NUMBER: Final = struct.Struct("Q")
_LENGTHS: Final = struct.Struct("II")
_SLOT_HEAD: Final = 16
LONGEST_ID: Final = 256


class KeptMemory:
    """``file`` is that of the memory, closed here. One process writes, another one reads and says what it has taken."""

    def __init__(self, file: int) -> None:
        self._map = mmap.mmap(file, 0)
        os.close(file)
        self._size = len(self._map)
        self._number = 0
        self._chunks = 0
        self._free: list[list[int]] = [[] for _ in _SIZES]
        self._used: dict[str, tuple[int, int]] = {}

    @classmethod
    def made(cls) -> tuple[Self, int]:
        """New memory, and a file of it for the one who writes. Raises OSError."""
        file = os.memfd_create(NAME)
        # A limit for files, which this is none on any disk.
        soft, hard = getrlimit(RLIMIT_FSIZE)
        setrlimit(RLIMIT_FSIZE, (hard, hard))
        try:
            os.ftruncate(file, SIZE if hard == RLIM_INFINITY else max(min(SIZE, hard), _HEAD))
            return cls(os.dup(file)), file
        except OSError:
            os.close(file)
            raise
        finally:
            setrlimit(RLIMIT_FSIZE, (soft, hard))

    def close(self) -> None:
        self._map.close()

    # who writes

    def __len__(self) -> int:
        return len(self._used)

    def ids(self) -> list[str]:
        """Of the calls that are kept."""
        return list(self._used)

    def put(self, id: str, form: bytes) -> bool:
        """Keep the call, or another form of it; False where there is no room for one more, or it is too long."""
        data = id.encode("utf-8")
        name, length = len(data), len(form)
        if length > LONGEST_FORM or name > LONGEST_ID:
            return False
        before = self._used.get(id)
        if before is None and len(self._used) >= MOST_CALLS:
            return False
        kind = _KINDS[(_SLOT_HEAD + name + length - 1) >> _SMALLEST]
        free = self._free[kind]
        if not free and not self._cut(kind):
            return False
        at = free.pop()
        memory = self._map
        _LENGTHS.pack_into(memory, at + 8, name, length)
        start = at + _SLOT_HEAD
        memory[start : start + name + length] = data + form
        self._number += 1
        _NUMBER.pack_into(memory, at, self._number)
        if before is not None:
            self._give_up(before)
        self._used[id] = (at, kind)
        return True

    def remove(self, id: str) -> None:
        """It is over."""
        before = self._used.pop(id, None)
        if before is not None:
            self._give_up(before)

    def clear(self) -> None:
        """Keep nothing any more."""
        for id in self.ids():
            self.remove(id)

    @property
    def taken(self) -> int:
        """How often others have taken some of these calls."""
        found: int = _NUMBER.unpack_from(self._map, 0)[0]
        return found

    def _give_up(self, slot: tuple[int, int]) -> None:
        at, kind = slot
        _NUMBER.pack_into(self._map, at, 0)
        self._free[kind].append(at)

    def _cut(self, kind: int) -> bool:
        """A new chunk for slots of this size; False where there is none."""
        size, start = _SIZES[kind], _HEAD + self._chunks * CHUNK
        if start + CHUNK > self._size:
            return False
        self._chunks += 1
        _NUMBER.pack_into(self._map, start, size)
        self._free[kind] += range(start + _CHUNK_HEAD, start + CHUNK - size + 1, size)
        return True

    # who reads

    def read(self) -> dict[str, bytes]:
        """The calls, by id; what was changed while it was read is left out."""
        found: dict[str, tuple[int, bytes]] = {}
        memory = self._map
        for start in range(_HEAD, self._size - CHUNK + 1, CHUNK):
            size: int = _NUMBER.unpack_from(memory, start)[0]
            if size not in _SIZES:
                break
            for at in range(start + _CHUNK_HEAD, start + CHUNK - size + 1, size):
                number: int = _NUMBER.unpack_from(memory, at)[0]
                if not number:
                    continue
                name, form = _LENGTHS.unpack_from(memory, at + 8)
                if name > LONGEST_ID or form > LONGEST_FORM or _SLOT_HEAD + name + form > size:
                    continue
                data = memory[at + _SLOT_HEAD : at + _SLOT_HEAD + name + form]
                if _NUMBER.unpack_from(memory, at)[0] != number:
                    continue
                id = data[:name].decode("utf-8", "replace")
                if id not in found or found[id][0] < number:
                    found[id] = number, data[name:]
        return {id: form for id, (_, form) in found.items()}

    def tell_taken(self) -> None:
        """Others have taken some of the calls of one that lives."""
        _NUMBER.pack_into(self._map, 0, self.taken + 1)
