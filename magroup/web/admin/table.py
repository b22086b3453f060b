"""All pages of the administration."""

from magroup.web.admin import users
from magroup.web.admin.visit import Route

ROUTES: tuple[Route, ...] = users.ROUTES
