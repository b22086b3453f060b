"""The forwarding book as the switch's services see it: there is no other place for forwardings (ECMA-269 22.1)."""

from collections.abc import Callable

from magroup.cti.errors import Failure, ServiceError
from magroup.groups.forwarding import ForwardingBook, ForwardingChange, ForwardingError
from magroup.model.forwarding import Forwarding


class LineForwardings:
    """Implements ``magroup.cti.call_control.LineForwardings``; ``told`` hears of each change, whoever made it."""

    def __init__(self, book: ForwardingBook, told: Callable[[str, Forwarding], None]) -> None:
        self._book = book
        self._told = told
        book.subscribe(self._changed)

    def _changed(self, change: ForwardingChange) -> None:
        if change.number:
            self._told(change.number, change.forwarding)

    def of_line(self, device: str) -> Forwarding:
        return self._book.of_line(device)

    def set_line(self, device: str, forwarding: Forwarding) -> None:
        """``forwarding.changed_by`` is who wanted it so."""
        try:
            self._book.set_line(device, forwarding, forwarding.changed_by)
        except ForwardingError as error:
            raise ServiceError(Failure.INVALID_DESTINATION, str(error)) from None
