"""All pages of the administration."""

from magroup.web.admin import reports, users
from magroup.web.admin.visit import Route

ROUTES: tuple[Route, ...] = (*reports.ROUTES, *users.ROUTES)
