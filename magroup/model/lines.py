"""Lines, the phones they ring on, registrations of phones, and trunks to other switches."""

from dataclasses import field
from enum import IntEnum

from magroup.model.fixed import fixed


class LineState(IntEnum):
    """What a line is doing; the numbers are those of ``lineState`` in the REST services."""

    IDLE = 0
    RINGING = 1
    BUSY = 2
    OUT_OF_SERVICE = 3
    HELD = 4


@fixed
class Line:
    """A number people are called at: on the embedded switch (with its SIP secret) or on the PBX behind a trunk."""

    number: str
    secret: str = field(default="", repr=False)
    on_pbx: bool = False
    display_name: str = ""
    no_records: bool = False
    displayed_group: int = 0


@fixed
class Phone:
    """A device: name (``SEP`` + MAC or free), model, the lines on it, its address and credentials for push.

    ``strip``: it shows the status of its group beside the calls, where people cannot close it.
    """

    device_name: str
    model: str = ""
    lines: tuple[str, ...] = ()
    address: str = ""
    push_user: str = ""
    push_password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    strip: bool = False


@fixed
class Trunk:
    """A SIP connection to another switch: static, or registered out to with user name and password.

    ``address`` is ``host``, ``host:port`` or either with ``;transport=tcp``; calls coming in are recognised by
    ``inbound_addresses`` (IP addresses or networks, the resolved address itself when empty). ``prefix`` is what the
    trunk's numbers begin with ("" for none but the default), ``strip`` how many leading characters are removed.
    """

    id: int
    name: str
    address: str
    user_name: str = ""
    password: str = field(default="", repr=False)
    registers: bool = False
    is_default: bool = False
    prefix: str = ""
    strip: int = 0
    inbound_addresses: tuple[str, ...] = ()
    ping_interval: float = 60.0
    expires: int = 600


@fixed
class Registration:
    """One contact of a line as the registrar keeps it; ``expires_at`` is UTC seconds, ``received`` where it came from.

    ``path`` holds Path header values (RFC 3327), ``flow`` the transport, ``instance`` the +sip.instance value.
    """

    number: str
    contact: str
    call_id: str
    cseq: int
    expires_at: float
    transport: str = "udp"
    received: tuple[str, int] = ("", 0)
    user_agent: str = ""
    instance: str = ""
    q: float = 1.0
    path: tuple[str, ...] = ()
