"""What another server must know of an established session to go on with its dialog (RFC 3261 section 12).

It has the keys of SRTP in it, where there are any: it is kept where only the servers read, and never logged.
"""

from typing import Annotated

from msgspec import Meta

from magroup.model.fixed import fixed
from magroup.sip.dialog import hop_for
from magroup.sip.errors import GrammarError
from magroup.sip.headers import parse_address
from magroup.sip.hop import Hop
from magroup.sip.uri import parse_uri

_LINE = r"\A[^\r\n\x00]*\Z"
Word = Annotated[str, Meta(min_length=1, max_length=256, pattern=_LINE)]
Text = Annotated[str, Meta(max_length=256, pattern=_LINE)]
Value = Annotated[str, Meta(min_length=1, max_length=2048, pattern=_LINE)]
Values = Annotated[tuple[Value, ...], Meta(max_length=32)]
Tokens = Annotated[tuple[Word, ...], Meta(max_length=64)]
Body = Annotated[bytes, Meta(max_length=16384)]
Number = Annotated[int, Meta(ge=0, lt=1 << 31)]
_TRANSPORTS = frozenset(("udp", "tcp", "tls"))


@fixed
class HopForm:
    """A hop without what only one server knows of it: the connection and the own end."""

    transport: Word
    host: Word
    port: Annotated[int, Meta(gt=0, lt=65536)]
    name: Text = ""

    @staticmethod
    def of(hop: Hop) -> "HopForm":
        return HopForm(hop.transport, hop.host, hop.port, hop.name)

    def hop(self) -> Hop:
        """Raises ValueError for what is no numeric address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        try:
            found = hop_for(parse_uri(f"sip:{host}:{self.port}"))
        except GrammarError as error:
            raise ValueError(str(error)) from None
        if self.transport not in _TRANSPORTS or found is None:
            raise ValueError("a hop that leads nowhere")
        return Hop(self.transport, self.host, self.port, name=self.name)


@fixed
class SessionForm:
    """A confirmed session as its server sees it; the fields are those of Dialog and Session.

    ``remote_seq`` is counted from 0: one more than the dialog's. ``interval`` is that of the session timer, 0 for none,
    ``refreshes`` says whose refresh it is. ``by_connection``: the peer is reached by a connection that it has made.
    """

    call_id: Word
    local: Value
    local_tag: Word
    remote: Value
    remote_tag: Word
    local_seq: Number
    remote_seq: Number
    target: Value
    routes: Values
    direct: bool
    hop: HopForm
    by_connection: bool
    owns_call_id: bool
    contact_user: Text
    local_sdp: Body
    allows: Tokens
    supports: Tokens
    interval: Annotated[int, Meta(ge=0, le=86400)]
    refreshes: bool

    def check(self) -> None:
        """Raises ValueError for what no dialog can be made of."""
        try:
            for value in (self.local, self.remote, *self.routes):
                parse_address(value)
            if not parse_uri(self.target).is_sip:
                raise ValueError("a target that is no SIP URI")
        except GrammarError as error:
            raise ValueError(str(error)) from None
        self.hop.hop()
