"""A PBX beside the embedded switch that is an Asterisk, steered over its manager interface."""

from collections.abc import Callable
from random import random
from typing import Any, Final

from twisted.internet.endpoints import HostnameEndpoint, SSL4ClientEndpoint

from magroup.ami.link import CONNECT_SECONDS, AmiLink
from magroup.ami.options import Pbx
from magroup.ami.session import Account
from magroup.ami.switch import AmiSwitch
from magroup.model.configuration import Configuration
from magroup.model.pbx import AmiPlace
from magroup.model.settings import AmiSettings
from magroup.pbx_lines import is_on_pbx, lines_on_pbx
from magroup.sip.tls import ClientTls

NODE: Final = "ast"
"""What the ids of the PBX's calls begin with."""


def asterisk(
    reactor: Any, place: AmiPlace, ami: AmiSettings, secret: str, configuration: Callable[[], Configuration]
) -> AmiSwitch:  # fmt: skip
    """Not yet linked. Raises TlsError."""
    endpoint: Any
    if place.tls:
        context = ClientTls(ami.tls_authorities, ami.tls_verify).context(place.host)
        endpoint = SSL4ClientEndpoint(reactor, place.host, place.port, context, CONNECT_SECONDS)
    else:
        endpoint = HostnameEndpoint(reactor, place.host, place.port, CONNECT_SECONDS)
    link = AmiLink(reactor, endpoint, Account(ami.user, secret, ami.plain_login), random)
    pbx = Pbx(ami.context, ami.technology, ami.forwarding, ami.do_not_disturb, ami.trunk, ami.phones_obey)
    # Records of calls have these ids for ever: what goes on after a start of ours is told anew.
    found = AmiSwitch(reactor, link, pbx, is_on_pbx(configuration), node=f"{NODE}-{int(reactor.seconds()):x}")
    found.place = str(place)
    found.lines = lambda: lines_on_pbx(configuration())
    return found
