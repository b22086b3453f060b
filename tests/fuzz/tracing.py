"""Which lines of some modules are reached."""

import sys
from collections.abc import Iterable
from types import CodeType, FrameType, ModuleType
from typing import Any

Line = tuple[str, int]


def caches(modules: Iterable[ModuleType]) -> list[Any]:
    """The caches of functions, which hide what would be reached."""
    found = {id(value): value for module in modules for value in vars(module).values() if hasattr(value, "cache_clear")}
    return list(found.values())


class Tracer:
    """As a context it notes what is reached within; ``lines`` are those of the last time."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        self._files = frozenset(file for module in modules if (file := module.__file__))
        self._wanted: dict[CodeType, bool] = {}
        self.lines: set[Line] = set()

    def __enter__(self) -> "Tracer":
        self.lines = set()
        self._before = sys.gettrace()
        sys.settrace(self._called)
        return self

    def __exit__(self, *what: object) -> None:
        sys.settrace(self._before)

    def _called(self, frame: FrameType, event: str, argument: object) -> Any:
        code = frame.f_code
        wanted = self._wanted.get(code)
        if wanted is None:
            wanted = self._wanted[code] = code.co_filename in self._files
        return self._line if wanted else None

    def _line(self, frame: FrameType, event: str, argument: object) -> Any:
        if event == "line":
            self.lines.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line
