"""What has to be typed into a SIP phone so that it registers."""

from urllib.parse import urlsplit

from magroup.model.lines import Line
from magroup.model.listen import SipListen
from magroup.model.settings import Settings
from magroup.web.admin.visit import AdminVisit
from magroup.web.site_url import site_url

_ANY = ("", "0.0.0.0", "::")


def phone_settings(visit: AdminVisit, line: Line) -> list[tuple[str, str]]:
    """Name and value of each, with the line's secret."""
    settings = visit.parts.settings()
    return [
        ("Server, domain", sip_server(visit, settings)),
        ("Transport", ", ".join(_transports(settings))),
        ("User, login", line.number),
        ("Password", line.secret),
    ]


def sip_server(visit: AdminVisit, settings: Settings) -> str:
    """Where phones reach the switch, as far as it is known here."""
    listens = [SipListen.parse(text) for text in settings.sip.listen]
    named = next((listen.host for listen in listens if listen.host not in _ANY), "")
    site = urlsplit(site_url(visit.request, settings.public_url))
    return settings.sip.advertised_address or named or site.hostname or ""


def _transports(settings: Settings) -> list[str]:
    found = []
    for listen in map(SipListen.parse, settings.sip.listen):
        port = f" {listen.port}" if listen.port else ""
        found.append(f"{listen.transport.upper()}{port}")
    return found
