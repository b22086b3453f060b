"""One thing after another: what a service of the switch causes at once is taken after what is being done."""

from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar

from twisted.logger import Logger


class Turns:
    """Call it with what is to be done and its arguments; ``of`` names who takes the inputs, for the log.

    ``is_taking``: something is being done now.
    """

    log: ClassVar = Logger()

    def __init__(self, of: str) -> None:
        self._of = of
        self._inputs: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self.is_taking = False

    def __call__(self, do: Callable[..., None], *arguments: Any) -> None:
        """``do`` it now, or after what is being done. What fails is logged, and the next one's turn comes."""
        self._inputs.append((do, arguments))
        self._take()

    def take(self, do: Callable[[Any], None], argument: Any) -> None:
        """The same with one argument, a shorter way: each event of a call comes by it, twice."""
        if self.is_taking or self._inputs:
            self._inputs.append((do, (argument,)))
            self._take()
            return
        self.is_taking = True
        try:
            do(argument)
        except Exception:
            self.log.failure("An input to the {of} failed", of=self._of)
        finally:
            self.is_taking = False
        if self._inputs:
            self._take()

    def _take(self) -> None:
        if self.is_taking:
            return
        self.is_taking = True
        try:
            while self._inputs:
                do, arguments = self._inputs.popleft()
                try:
                    do(*arguments)
                except Exception:
                    self.log.failure("An input to the {of} failed", of=self._of)
        finally:
            self.is_taking = False
