"""All pages of the tab Reports."""

from magroup.web.admin.reports import asking, four_eyes, graphs, saving, screens, start
from magroup.web.admin.visit import Route

ROUTES: tuple[Route, ...] = (
    *start.ROUTES, *four_eyes.ROUTES, *asking.ROUTES, *screens.ROUTES, *graphs.ROUTES, *saving.ROUTES,
)  # fmt: skip
