"""All pages of the administration."""

from magroup.web.admin import users, vips
from magroup.web.admin.visit import Route

ROUTES: tuple[Route, ...] = (*vips.ROUTES, *users.ROUTES)
