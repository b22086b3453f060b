"""All pages of the administration."""

from magroup.web.admin import groups, users, vips
from magroup.web.admin.visit import Route

ROUTES: tuple[Route, ...] = (*groups.ROUTES, *vips.ROUTES, *users.ROUTES)
