"""All pages of the administration."""

from magroup.web.admin import reports, settings, users, vips
from magroup.web.admin.visit import Route

ROUTES: tuple[Route, ...] = (*settings.ROUTES, *vips.ROUTES, *reports.ROUTES, *users.ROUTES)
