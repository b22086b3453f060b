"""The SIP messages of a call, as they are shown and saved: secrets are no more in them."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from magroup.model.fixed import fixed

Address = tuple[str, int]
"""A numeric host and a port."""


@fixed
class SipMessage:
    """One message. ``number`` is its own among all, ``at`` UTC seconds, ``leg`` the place of its leg in the trace.

    ``title`` is its method, or its status with the phrase; ``method`` that of the transaction, ``status`` 0 for a
    request. ``is_again``: the very same was sent the same way before.
    """

    number: int
    at: float
    leg: int
    is_sent: bool
    transport: str
    source: Address
    target: Address
    data: bytes
    title: str
    method: str
    status: int
    has_sdp: bool
    is_again: bool


@fixed
class SipLeg:
    """Who is at the other end of a Call-ID: ``number`` and ``name`` as the messages say it, and where.

    ``calls`` says that the first INVITE came from there.
    """

    call_id: str
    number: str
    name: str
    address: Address
    transport: str
    calls: bool


@fixed
class CallTrace:
    """The messages of all legs in the order of time; ``lost`` more are not kept, for they were too many."""

    legs: tuple[SipLeg, ...]
    messages: tuple[SipMessage, ...]
    lost: int = 0


class TraceFigures(NamedTuple):
    """Bytes that are used, messages that are kept now, and all that ever were."""

    size: int
    kept: int
    messages: int


class Traces(Protocol):
    """The messages of calls, as long as they are kept."""

    def find(self, call_id: str) -> Callable[[], CallTrace] | None:
        """What reads the trace of a call, in a thread, for it takes a while; None where nothing is kept."""
        ...

    def figures(self) -> TraceFigures: ...
