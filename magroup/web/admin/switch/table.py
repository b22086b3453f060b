"""All pages of the tab Switch."""

from magroup.web.admin.switch import bans, layers, number, overview, registrations
from magroup.web.admin.visit import Route

ROUTES: tuple[Route, ...] = (
    *overview.ROUTES, *registrations.ROUTES, *bans.ROUTES, *number.ROUTES, *layers.ROUTES,
)  # fmt: skip
