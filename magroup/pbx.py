"""A PBX beside the embedded switch, as the setting ``cti`` says: its link, and both switches as one for the rest."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from random import random
from typing import Any, Final, Protocol

from twisted.internet.endpoints import HostnameEndpoint, SSL4ClientEndpoint

from magroup.ami.link import CONNECT_SECONDS, AmiLink
from magroup.ami.options import Pbx
from magroup.ami.session import Account
from magroup.ami.switch import AmiSwitch
from magroup.cti.beside import Beside
from magroup.cti.switch import Switch
from magroup.groups.application import Application
from magroup.lifecycle import AtStop, StartError
from magroup.model.configuration import Configuration
from magroup.model.pbx import AmiPlace, CstaPlace
from magroup.model.settings import Settings
from magroup.model.standing import LinkStanding
from magroup.pbx_csta import NODE as CSTA_NODE
from magroup.pbx_csta import CstaPbx, lines_on_pbx
from magroup.pbx_forwardings import PbxForwardings
from magroup.sip.tls import ClientTls
from magroup.web.status import Readiness

NODE: Final = "ast"
"""What the ids of the PBX's calls begin with."""


class LinkedSwitch(Switch, Protocol):
    """A switch beyond a link."""

    def start(self) -> None: ...

    def stop(self) -> Awaitable[object] | None: ...

    def standing(self) -> LinkStanding: ...


def pbx_of(
    reactor: Any, settings: Settings, configuration: Callable[[], Configuration], own: Switch
) -> LinkedSwitch | None:
    """The PBX that the settings name, not yet linked; None where they name none. Raises StartError, TlsError."""
    if not settings.cti.startswith("csta:"):
        return asterisk(reactor, settings, configuration)
    link = settings.csta_link
    password = _secret(link.password_file) if link.password_file else ""
    return CstaPbx(reactor, CstaPlace.parse(settings.cti), link, password, own, configuration)


def asterisk(reactor: Any, settings: Settings, configuration: Callable[[], Configuration]) -> AmiSwitch | None:
    """The Asterisk that the settings name, not yet linked; None where they name none. Raises StartError, TlsError."""
    if not settings.cti.startswith("ami:"):
        return None
    place, ami = AmiPlace.parse(settings.cti), settings.ami
    endpoint: Any
    if place.tls:
        context = ClientTls(ami.tls_authorities, ami.tls_verify).context(place.host)
        endpoint = SSL4ClientEndpoint(reactor, place.host, place.port, context, CONNECT_SECONDS)
    else:
        endpoint = HostnameEndpoint(reactor, place.host, place.port, CONNECT_SECONDS)
    link = AmiLink(reactor, endpoint, Account(ami.user, _secret(ami.secret_file), ami.plain_login), random)
    pbx = Pbx(ami.context, ami.technology, ami.forwarding, ami.do_not_disturb, ami.trunk, ami.phones_obey)
    # Records of calls have these ids for ever: what goes on after a start of ours is told anew.
    found = AmiSwitch(reactor, link, pbx, _on_pbx(configuration), node=f"{NODE}-{int(reactor.seconds()):x}")
    found.place = str(place)
    found.lines = lambda: lines_on_pbx(configuration())
    return found


def beside(own: Switch, pbx: LinkedSwitch | None, configuration: Callable[[], Configuration]) -> Switch:
    """Both as one; the own one alone where there is no other."""
    if pbx is None:
        return own
    if isinstance(pbx, CstaPbx):
        return Beside(own, pbx, CSTA_NODE, _on_pbx(configuration), pbx.legs.asked, pbx.leg_of)
    return Beside(own, pbx, NODE, _on_pbx(configuration))


def configure_pbx(pbx: LinkedSwitch | None, configuration: Configuration) -> None:
    """Lines may have come and gone."""
    if isinstance(pbx, CstaPbx):
        pbx.configure(configuration)


def start_pbx(
    at_stop: AtStop, pbx: LinkedSwitch | None, application: Application, configuration: Callable[[], Configuration]
) -> None:
    """Link, if there is one: after all that listens to it has started."""
    if pbx is None:
        return
    forwardings = PbxForwardings(
        pbx, application.forwarding, lambda: [line.number for line in configuration().lines if line.on_pbx],
        _on_pbx(configuration), application.forwarded,
    )  # fmt: skip
    forwardings.start()
    pbx.start()
    at_stop("forwardings of the PBX", forwardings.stop)
    at_stop("PBX", pbx.stop)


def watch_pbx(readiness: Readiness, pbx: LinkedSwitch | None) -> None:
    """Let ``readiness`` know when it is not linked."""
    if pbx is not None:
        readiness.watch("pbx", lambda: "" if pbx.is_linked else "is not linked")


def _on_pbx(configuration: Callable[[], Configuration]) -> Callable[[str], bool]:
    """Says whether a number is that of a line on the PBX, as it is stored."""

    def is_there(number: str) -> bool:
        line = configuration().line(number)
        return line is not None and line.on_pbx and line.number == number

    return is_there


def _secret(file: str) -> str:
    if not file:
        raise StartError("ami.secret_file must name the file with the secret of Asterisk's account")
    try:
        text = Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}") from None
    secret = text.partition("\n")[0].strip()
    if not secret or len(secret) > 500:
        raise StartError(f"{file} holds no secret in its first line")
    return secret
