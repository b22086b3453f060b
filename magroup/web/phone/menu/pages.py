"""All pages of the menu and the services by name."""

from collections.abc import Mapping

from magroup.web.phone.menu import button, direct, forwarding, main, member, pickup, presence, transfer
from magroup.web.phone.visit import PageFunction

PAGES: Mapping[str, PageFunction] = {
    **main.PAGES, **presence.PAGES, **forwarding.PAGES, **transfer.PAGES, **pickup.PAGES, **direct.PAGES,
    **button.PAGES, **member.PAGES,
}  # fmt: skip
