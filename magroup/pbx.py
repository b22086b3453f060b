"""A PBX beside the embedded switch, as the setting ``cti`` says: its link, and both switches as one for the rest."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from magroup.cti.beside import Beside
from magroup.cti.switch import Switch
from magroup.groups.application import Application
from magroup.lifecycle import AtStop, StartError
from magroup.model.configuration import Configuration
from magroup.model.pbx import AmiPlace, CstaPlace
from magroup.model.settings import Settings
from magroup.model.standing import LinkStanding
from magroup.pbx_forwardings import PbxForwardings
from magroup.pbx_lines import is_on_pbx, lines_on_pbx
from magroup.web.status import Readiness


class LinkedSwitch(Switch, Protocol):
    """A switch beyond a link."""

    def start(self) -> None: ...

    def stop(self) -> Awaitable[object] | None: ...

    def standing(self) -> LinkStanding: ...


def pbx_of(
    reactor: Any, settings: Settings, configuration: Callable[[], Configuration], own: Switch
) -> LinkedSwitch | None:
    """The PBX that the settings name, not yet linked; None where they name none. Raises StartError, TlsError."""
    # Imported where they are used: without a PBX the server starts half a second sooner.
    if settings.cti.startswith("csta:"):
        from magroup.pbx_csta import CstaPbx

        link = settings.csta_link
        password = _secret(link.password_file) if link.password_file else ""
        return CstaPbx(reactor, CstaPlace.parse(settings.cti), link, password, own, configuration)
    if settings.cti.startswith("ami:"):
        from magroup.pbx_ami import asterisk

        secret = _secret(settings.ami.secret_file)
        return asterisk(reactor, AmiPlace.parse(settings.cti), settings.ami, secret, configuration)
    return None


def beside(own: Switch, pbx: LinkedSwitch | None, configuration: Callable[[], Configuration]) -> Switch:
    """Both as one; the own one alone where there is no other."""
    if pbx is None:
        return own
    from magroup import pbx_ami, pbx_csta

    if isinstance(pbx, pbx_csta.CstaPbx):
        return Beside(own, pbx, pbx_csta.NODE, is_on_pbx(configuration), pbx.legs.asked, pbx.leg_of)
    return Beside(own, pbx, pbx_ami.NODE, is_on_pbx(configuration))


def configure_pbx(pbx: LinkedSwitch | None, configuration: Configuration) -> None:
    """Lines may have come and gone."""
    if pbx is None:
        return
    from magroup.pbx_csta import CstaPbx

    if isinstance(pbx, CstaPbx):
        pbx.configure(configuration)


def start_pbx(
    at_stop: AtStop, pbx: LinkedSwitch | None, application: Application, configuration: Callable[[], Configuration]
) -> None:
    """Link, if there is one: after all that listens to it has started."""
    if pbx is None:
        return
    forwardings = PbxForwardings(
        pbx, application.forwarding, lambda: list(lines_on_pbx(configuration())),
        is_on_pbx(configuration), application.forwarded,
    )  # fmt: skip
    forwardings.start()
    pbx.start()
    at_stop("forwardings of the PBX", forwardings.stop)
    at_stop("PBX", pbx.stop)


def watch_pbx(readiness: Readiness, pbx: LinkedSwitch | None) -> None:
    """Let ``readiness`` know when it is not linked."""
    if pbx is not None:
        readiness.watch("pbx", lambda: "" if pbx.is_linked else "is not linked")


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
