"""The URLs for Cisco Jabber, Webex, the operator console and phones as a resource."""

from typing import Annotated, cast

from msgspec import Meta, Struct
from twisted.web.http import Request

from magroup.model.people import Privilege
from magroup.web.api.call import Call
from magroup.web.api.operation import Answer, Operation
from magroup.web.integration import gadget_urls, jabber_config, phone_service_urls
from magroup.web.site_url import site_url


class Service(Struct, frozen=True):
    """A service of Cisco IP phones."""

    name: str
    url: Annotated[str, Meta(description="The switch puts the phone's name in the place of #DEVICENAME#.")]


class Integration(Struct, frozen=True):
    """How other programs reach the gadget, and phones their services."""

    gadget: Annotated[str, Meta(description="For browsers, Jabber and Webex: people log in themselves.")]
    gadget_auto_login: Annotated[str, Meta(description="User name and password stand in the places of xxx.")]
    gadget_operator_console: Annotated[str, Meta(description="Logs in with the account of the operator console.")]
    phone_services: tuple[Service, ...]
    jabber_config: Annotated[str, Meta(description="XML for a custom tab in jabber-config.xml.")]


def read_integration(call: Call) -> Answer:
    settings = call.parts.admission.settings
    site, instance = site_url(cast(Request, call.request), settings.public_url), settings.instance
    gadget = gadget_urls(site, instance)
    services = tuple(Service(name, url) for name, url in phone_service_urls(site, instance).items())
    return Answer(
        Integration(gadget["manual"], gadget["auto"], gadget["coc"], services, jabber_config(site, instance))
    )  # fmt: skip


OPERATIONS = (
    Operation(
        method="GET", path="/integration", id="getIntegration", tag="integration", run=read_integration,
        summary="The URLs for other programs, and the tab of Cisco Jabber.", scope="settings:read",
        privileges=(Privilege.SETTINGS,), answer=Integration,
    ),
)  # fmt: skip
