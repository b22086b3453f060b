"""The inputs that are kept, in files: few and small ones that reach all lines that any has reached."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

from tests.fuzz.target import Target
from tests.fuzz.tracing import Line

FOLDER = Path(__file__).parent / "corpus"
BROKE = "broke-"
"""What the names of inputs begin with that have broken something once: they stay for ever."""

MOST_FILES = 40


def kept(target: Target) -> dict[str, bytes]:
    """By the names of their files."""
    return {path.name: path.read_bytes() for path in sorted((FOLDER / target.name).glob("*"))}


def starts(target: Target) -> list[bytes]:
    """What is begun with."""
    return [*target.seeds, *kept(target).values()]


def keep(target: Target, inputs: Iterable[bytes], reached: Callable[[bytes], set[Line]]) -> int:
    """Let the corpus be the least of what is there and these that reaches as much; how many files there are.

    What the seeds reach needs no file.
    """
    folder = FOLDER / target.name
    folder.mkdir(exist_ok=True, parents=True)
    files = kept(target)
    covered: set[Line] = set()
    chosen = [data for name, data in files.items() if name.startswith(BROKE)]
    for data in (*target.seeds, *chosen):
        covered |= reached(data)
    lines = {data: reached(data) for data in {*inputs, *files.values()} if len(data) <= target.kept}
    room = target.room - sum(map(len, chosen))
    taken: set[str] = set()
    while lines and len(taken) < MOST_FILES:
        best = max(lines, key=lambda data: (len(lines[data] - covered) / (len(data) + 200), -len(data), data))
        if not lines[best] - covered:
            break
        covered |= lines.pop(best)
        if len(best) <= room:
            room -= len(best)
            name = sha256(best).hexdigest()[:12]
            taken.add(name)
            (folder / name).write_bytes(best)
    for name in files:
        if not name.startswith(BROKE) and name not in taken:
            (folder / name).unlink()
    return len(list(folder.glob("*")))


def smallest(data: bytes, still: Callable[[bytes], bool], most: int = 150) -> bytes:
    """``data`` without what it does not need for ``still`` to be true; ``most`` tries."""
    size = max(1, len(data) // 2)
    while size and most > 0:
        at = 0
        while at < len(data) and most > 0:
            less = data[:at] + data[at + size :]
            most -= 1
            if still(less):
                data = less
            else:
                at += size
        size //= 2
    return data
