"""Keeps calls in a memory, in a process of its own, until it is killed: ``python -m ... FILE``.

``ALWAYS`` is kept all the time, in one form after the other; the others come, change once and go, ``A_TIME`` at a time.
"""

import sys
from itertools import count

from magroup.workers.kept_memory import KeptMemory

A_TIME = 10
ALWAYS = "a-always"
LENGTHS = (10, 900, 1100, 3000, 7000, 30_000, 65_000)


def form(id: str, version: int) -> bytes:
    """Tells which it is, in all of its length."""
    word = f"{id}/{version};".encode()
    return (word * (LENGTHS[version % len(LENGTHS)] // len(word) + 1))[: LENGTHS[version % len(LENGTHS)]]


def is_whole(id: str, found: bytes) -> bool:
    word = found[: found.index(b";") + 1] if b";" in found else found
    name, _, version = word.decode().strip(";").partition("/")
    return name == id[: len(name)] and (b";" not in found or found == form(id, int(version)))


def write(memory: KeptMemory) -> None:
    for number in count(1):
        memory.put(ALWAYS, form(ALWAYS, number))
        memory.put(f"a-{number}", form(f"a-{number}", number))
        memory.put(f"a-{number}", form(f"a-{number}", number + 1))
        if number > A_TIME:
            memory.remove(f"a-{number - A_TIME}")


if __name__ == "__main__":
    write(KeptMemory(int(sys.argv[1])))
