"""What a call waits for before it exists for anybody but its caller."""

from typing import Protocol


class Prompting(Protocol):
    """The own phone that is to make the call, or a hold before it."""

    def cancel(self) -> None: ...
