"""The pages by name, and the names behind the entry points that the manual gives (spec 5)."""

from collections.abc import Mapping
from typing import cast

from twisted.web.http import Request
from twisted.web.iweb import IRequest

from magroup.web.phone import groups, menu, shown_group, vips
from magroup.web.phone.display import page as display_page
from magroup.web.phone.visit import PageFunction

PAGES: Mapping[str, PageFunction] = {
    **shown_group.PAGES, **menu.PAGES, **display_page.PAGES, **groups.PAGES, **vips.PAGES,
}  # fmt: skip

ENTRANCES: Mapping[str, str] = {"phonemenu.asp": "menu", "onebutton.asp": "button"}
"""Files of the manual's URLs, in lower case."""

SERVICES: Mapping[str, str] = {
    "transfercall": "transfer",
    "pickupcalls": "pickup",
    "directcall": "direct",
    "changegroup": "group",
    "changestatus": "status",
    "teamstatus": "team-status",
    "setforwarding": "forwarding",
}
"""By the ``action`` of IndependentServices.asp, in lower case."""


def entrance(request: IRequest, file: str) -> str:
    """The name of the page behind an entry point; "" for none."""
    if file != "independentservices.asp":
        return ENTRANCES.get(file, "")
    actions: list[bytes] = (cast(Request, request).args or {}).get(b"action", [])
    return SERVICES.get(actions[0].decode("ascii", "replace").casefold(), "") if len(actions) == 1 else ""
