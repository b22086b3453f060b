"""The forwarding book as the switch's services see it: there is no other place for forwardings (ECMA-269 22.1)."""

from magroup.cti.errors import Failure, ServiceError
from magroup.groups.forwarding import ForwardingBook, ForwardingError
from magroup.model.forwarding import Forwarding


class LineForwardings:
    """Implements ``magroup.cti.call_control.LineForwardings``."""

    def __init__(self, book: ForwardingBook) -> None:
        self._book = book

    def of_line(self, device: str) -> Forwarding:
        return self._book.of_line(device)

    def set_line(self, device: str, forwarding: Forwarding) -> None:
        """``forwarding.changed_by`` is who wanted it so."""
        try:
            self._book.set_line(device, forwarding, forwarding.changed_by)
        except ForwardingError as error:
            raise ServiceError(Failure.INVALID_DESTINATION, str(error)) from None
