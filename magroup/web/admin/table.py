"""All pages of the administration."""

from magroup.web.admin import groups, settings, users, vips
from magroup.web.admin.calls import table as calls
from magroup.web.admin.reports import table as reports
from magroup.web.admin.switch import table as switch
from magroup.web.admin.visit import Route

ROUTES: tuple[Route, ...] = (
    *settings.ROUTES, *groups.ROUTES, *vips.ROUTES, *reports.ROUTES, *users.ROUTES,
    *calls.ROUTES, *switch.ROUTES,
)  # fmt: skip
