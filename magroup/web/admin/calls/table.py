"""All pages of the tab Calls."""

from magroup.web.admin.calls import call, journal, live, saving
from magroup.web.admin.visit import Route

ROUTES: tuple[Route, ...] = (*live.ROUTES, *journal.ROUTES, *call.ROUTES, *saving.ROUTES)
