"""The way to the pages of the administration, which are read when somebody first wants one."""

from collections.abc import Callable
from sys import maxsize
from typing import TYPE_CHECKING
from urllib.parse import unquote

from twisted.web.iweb import IRequest

from magroup.web.admin.visit import AdminParts
from magroup.web.identity import Identity
from magroup.web.on_first_use import OnFirstUse
from magroup.web.templates import Templates

if TYPE_CHECKING:
    from magroup.web.admin.pages import AdminPages


class AdminOpening:
    """``home`` is where the pages are, with a slash at its end."""

    def __init__(self, parts: AdminParts, templates: Templates, home: str) -> None:
        self._home = unquote(home).lower()

        def load() -> "AdminPages":
            from magroup.web.admin.pages import AdminPages
            from magroup.web.admin.table import ROUTES

            return AdminPages(ROUTES, parts, templates, home)

        self._pages = OnFirstUse(load, parts.in_thread)

    async def home(self, request: IRequest) -> bytes:
        """To the first tab that the user sees."""
        return await (await self._pages.get()).home(request)

    async def page(self, request: IRequest, path: str) -> bytes:
        """The page at ``path``. Raises Werkzeug's exceptions."""
        return await (await self._pages.get()).page(request, path)

    def body_limit(self, path: bytes, viewer: Callable[[], Identity | None]) -> int:
        """The largest body in bytes that ``viewer`` may send there, by the path as it was sent; 0: as everywhere.

        Until the pages are there, whoever is logged in may send as much as the page may take that takes most.
        """
        if self._pages.there is not None:
            return self._pages.there.body_limit(path, viewer)
        at = unquote(path.partition(b"?")[0].decode("latin-1")).lower()
        return maxsize if at.startswith(self._home) and viewer() is not None else 0
