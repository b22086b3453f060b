"""The pages of the administration: who may, which page, the answer; errors of forms come back with what was typed."""

from collections.abc import Callable, Iterable
from typing import cast
from urllib.parse import unquote

from twisted.web.http import Request
from twisted.web.iweb import IRequest
from werkzeug.exceptions import Forbidden, HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter, Rule

from magroup.web.admin.downloads import named, send
from magroup.web.admin.notes import NOTES
from magroup.web.admin.tabs import USERS, Tab, tabs_for
from magroup.web.admin.visit import AdminParts, AdminVisit, Content, Download, Gone, Route, Shown
from magroup.web.admission.refusals import LoginNeeded
from magroup.web.answers import HTML, answer, redirect
from magroup.web.form import form_fields
from magroup.web.identity import Identity
from magroup.web.templates import Templates

NOTE = "note"


class AdminPages:
    """``home`` is where they are, with a slash at its end."""

    def __init__(self, routes: Iterable[Route], parts: AdminParts, templates: Templates, home: str) -> None:
        self._parts = parts
        self._templates = templates
        self._home = home
        routes = tuple(routes)
        self.tabs = frozenset(route.tab for route in routes)
        rules = [Rule(f"/{route.path}", endpoint=route) for route in routes]
        self._map: MapAdapter = Map(rules, strict_slashes=False).bind("admin")

    async def home(self, request: IRequest) -> bytes:
        """To the first tab that the user sees; to the users, who come first, while nobody has a phone."""
        identity = await self._parts.admission.page(request)
        tabs = self._tabs(identity)
        if not tabs:
            return self._shown(request, identity, Shown("admin/nothing.html"), "")
        is_new = USERS in tabs and not self._parts.editing.configuration.lines
        return redirect(request, self._home + (USERS if is_new else tabs[0]).name)

    async def page(self, request: IRequest, path: str) -> bytes:
        """The page at ``path``. Raises Werkzeug's exceptions."""
        asked = cast(Request, request)
        route, values = self._found(path)
        identity = await self._parts.admission.page(request)
        if not _may(identity, route):
            raise Forbidden("This is not for this user.")
        user = self._parts.admission.user(identity)
        if user is None:
            raise LoginNeeded(self._home)
        run = route.post if asked.method == b"POST" else route.get
        if run is None:
            raise MethodNotAllowed(["GET"] if route.get else ["POST"])
        visit = AdminVisit(
            self._parts, asked, identity, user, self._parts.editing.configuration,
            self._parts.admission.form_token(request), values, form_fields(request), self._home,
        )  # fmt: skip
        outcome = await run(visit)
        if isinstance(outcome, Download):
            return await send(request, outcome)
        return self._answer(request, identity, outcome, route.tab.name)

    def body_limit(self, path: bytes, viewer: Callable[[], Identity | None]) -> int:
        """The largest body in bytes that ``viewer`` may send there, by the path as it was sent; 0: as everywhere."""
        at = unquote(path.partition(b"?")[0].decode("latin-1")).lower()
        home = unquote(self._home).lower()
        try:
            route = self._found(at.removeprefix(home))[0] if at.startswith(home) else None
        except HTTPException:
            return 0
        if route is None or not route.body_limit:
            return 0
        identity = viewer()
        return route.body_limit if identity is not None and _may(identity, route) else 0

    def _tabs(self, identity: Identity) -> list[Tab]:
        return [tab for tab in tabs_for(identity.privileges) if tab in self.tabs]

    def _found(self, path: str) -> tuple[Route, dict[str, object]]:
        route, values = self._map.match("/" + path, method="GET")
        return cast(Route, route), dict(values)

    def _answer(self, request: IRequest, identity: Identity, outcome: Shown | Gone | Content, tab: str) -> bytes:
        match outcome:
            case Shown():
                return self._shown(request, identity, outcome, tab)
            case Gone(url, note):
                mark = "&" if "?" in url else "?"
                return _see_other(request, f"{url}{mark}{NOTE}={note}" if note else url)
            case Content(body, content_type, name):
                if name:
                    named(request, name)
                return answer(request, body, content_type.encode("ascii"))

    def _shown(self, request: IRequest, identity: Identity, page: Shown, tab: str) -> bytes:
        asked = cast(Request, request)
        note: bytes = ((asked.args or {}).get(NOTE.encode()) or [b""])[0]
        html = self._templates.render(
            page.template, viewer=identity.user_name, csrf=self._parts.admission.form_token(request),
            tabs=[(one.title, self._home + one.name, one.name == tab) for one in self._tabs(identity)],
            note=NOTES.get(note.decode("ascii", "replace"), ""), wrong=page.wrong, admin=self._home, **page.values,
        )  # fmt: skip
        return answer(request, html, HTML, 422 if page.wrong else page.code)


def _may(identity: Identity, route: Route) -> bool:
    has_one = not route.privileges or any(identity.has(privilege) for privilege in route.privileges)
    return has_one and route.tab.is_for(identity.privileges)


def _see_other(request: IRequest, url: str) -> bytes:
    body = redirect(request, url)
    cast(Request, request).setResponseCode(303)
    return body


def not_there() -> NotFound:
    """For what is no longer there, or was never."""
    return NotFound("This is not there any more.")
