"""All pages of the administration."""

from magroup.web.admin import calls, groups, reports, settings, switch, users, vips
from magroup.web.admin.visit import Route

ROUTES: tuple[Route, ...] = (
    *settings.ROUTES, *groups.ROUTES, *vips.ROUTES, *reports.ROUTES, *users.ROUTES,
    *calls.ROUTES, *switch.ROUTES,
)  # fmt: skip
