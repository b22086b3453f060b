"""The one web site: routes, and errors mapped in one place."""

from collections.abc import Callable
from functools import partial
from typing import cast
from urllib.parse import quote, urlsplit

from klein import Klein
from markupsafe import Markup
from prometheus_client import CollectorRegistry
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource, Resource
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import RequestRedirect

from magroup.model.fixed import fixed
from magroup.model.settings_text import settings_page
from magroup.model.unavailable import Unavailable
from magroup.resources import resource
from magroup.web.access_log import AccessLog
from magroup.web.admin.opening import AdminOpening
from magroup.web.admin.visit import AdminParts
from magroup.web.admission import Admission, LoginNeeded
from magroup.web.answers import PLAIN, answer, error_page, file_answer, redirect
from magroup.web.api import OPERATIONS, TAGS, ApiService, bad_request, reference
from magroup.web.api import ROOT as API
from magroup.web.connections import Connections
from magroup.web.file_pages import FilePages
from magroup.web.gadget.entrance import Entrance
from magroup.web.gadget.page import GadgetPage
from magroup.web.help_pages import HelpPages
from magroup.web.login_pages import LoginPages
from magroup.web.metrics import (
    ConnectionCollector,
    LoginCollector,
    ReadinessCollector,
    StatusCollector,
    new_registry,
)
from magroup.web.phone.pages import PhonePages
from magroup.web.phone.push.pushes import Pushes
from magroup.web.phone.table import entrance
from magroup.web.request import Request, Site
from magroup.web.rest import RestServices, is_upload
from magroup.web.static_files import StaticFiles
from magroup.web.status import Others, Readiness, StatusSource
from magroup.web.status_pages import StatusPages
from magroup.web.templates import Templates
from magroup.web.token_pages import TokenPages


@fixed
class Surroundings:
    """What the site is handed: who it is, what it may ask, and the time in seconds."""

    instance: str
    version: str
    status: StatusSource
    readiness: Readiness
    seconds: Callable[[], float]
    admission: Admission
    rest: RestServices | None = None
    api: ApiService | None = None
    files: FilePages | None = None
    gadgets: Entrance | None = None
    phones: PhonePages | None = None
    admin: AdminParts | None = None
    pushes: Pushes | None = None
    others: Others | None = None


class BadAddress(Resource):
    """The answer to a request whose path or Host nobody could have meant."""

    isLeaf = True

    def __init__(self, templates: Templates) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._templates = templates

    def render(self, request: IRequest) -> bytes:
        sentence = "This is not an address of this server."
        if request.path.startswith(API.encode()):
            return bad_request(request, sentence)
        return error_page(self._templates, request, 400, sentence)


class WebSite:
    """The pages. Routes below /applications are written in lower case: such paths are folded before they get here."""

    app = Klein()
    log = Logger()

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._started = surroundings.seconds()
        self._home = f"/Applications/inbound/{quote(surroundings.instance)}/"
        self._templates = Templates(
            resource("templates"),
            {"instance": surroundings.instance, "version": surroundings.version, "home": self._home, "viewer": ""},
        )
        self._static = StaticFiles(resource("static"))
        self._help = HelpPages(
            resource("help"), {"settings": settings_page, "api-operations": lambda: reference(OPERATIONS, TAGS)}
        )
        self.admission = surroundings.admission
        self.connections = Connections(
            lambda: self.admission.settings.http, lambda: self.admission.clients, surroundings.seconds
        )  # fmt: skip
        self._login = LoginPages(self.admission, self._templates, self._home)
        self._tokens = TokenPages(
            self.admission, self._templates, {operation.scope for operation in OPERATIONS}, surroundings.seconds
        )
        self._admin = (
            AdminOpening(surroundings.admin, self._templates, self._home) if surroundings.admin else None
        )  # fmt: skip
        self._gadget = GadgetPage(self.admission, self._templates, surroundings.instance)
        self.registry: CollectorRegistry = new_registry(
            StatusCollector(surroundings.status, self.uptime, surroundings.version),
            LoginCollector(self.admission),
            ConnectionCollector(self.connections),
            ReadinessCollector(surroundings.readiness),
        )
        if surroundings.gadgets is not None:
            self.registry.register(surroundings.gadgets.metrics)
        if surroundings.pushes is not None:
            self.registry.register(surroundings.pushes.collector)
        for part in (surroundings.admin.calls, surroundings.admin.switching) if surroundings.admin is not None else ():
            if part is not None:
                self.registry.register(part.metrics)
        self._status = StatusPages(
            self._templates, self.admission, surroundings.status, surroundings.readiness, surroundings.seconds,
            surroundings.others,
        )  # fmt: skip
        self._access_log = AccessLog(self.admission, self.registry)

    def uptime(self) -> float:
        """Seconds since the start."""
        return self._surroundings.seconds() - self._started

    def site(self, clock: IReactorTime) -> Site:
        """The factory of the HTTP connections, whose time limits run on ``clock``."""
        return Site(
            cast(IResource, self.app.resource()),
            cast(IResource, BadAddress(self._templates)),
            self._body_limit,
            clock,
            self._access_log.answered,
            self.connections.admitted,
            lambda request: self.admission.clients.of(request).secure,
        )

    def _body_limit(self, request: Request, path: bytes) -> int:
        http = self.admission.settings.http
        if is_upload(path):
            return http.upload_limit if self.admission.may_upload(request) else http.body_limit
        viewer = partial(self.admission.viewer, cast(IRequest, request))
        of_page = self._admin.body_limit(path, viewer) if self._admin else 0
        return max(http.body_limit, min(of_page, http.upload_limit))

    @app.route("/", methods=["GET"])
    def root(self, request: IRequest) -> bytes:
        """The way to this instance's page."""
        return redirect(request, self._home)

    @app.route("/applications/inbound/<name>/", methods=["GET"])
    async def home(self, request: IRequest, name: str) -> bytes:
        """The administration."""
        if name != self._surroundings.instance.lower():
            raise NotFound
        return await self._admin.home(request) if self._admin else await self.status_page(request, name)

    @app.route("/applications/inbound/<name>/<path:page>")
    async def admin_page(self, request: IRequest, name: str, page: str) -> bytes:
        """A page of the administration."""
        if name != self._surroundings.instance.lower() or self._admin is None:
            raise NotFound
        return await self._admin.page(request, page)

    @app.route("/applications/inbound/<name>/status", methods=["GET"])
    async def status_page(self, request: IRequest, name: str) -> bytes:
        """How the server does."""
        if name != self._surroundings.instance.lower():
            raise NotFound
        return await self._status.page(request, self.uptime())

    @app.route("/applications/inbound/<name>/src/jabber.asp", methods=["GET"])
    async def gadget_page(self, request: IRequest, name: str) -> bytes:
        """The gadget."""
        if name != self._surroundings.instance.lower():
            raise NotFound
        return await self._gadget.page(request)

    @app.route("/applications/inbound/<name>/src/gadget.webmanifest", methods=["GET"])
    def gadget_manifest(self, request: IRequest, name: str) -> bytes:
        """The gadget as an application of the desktop."""
        if name != self._surroundings.instance.lower():
            raise NotFound
        return self._gadget.manifest(request)

    @app.route("/applications/inbound/<name>/rest/<family>/<function>")
    async def rest(self, request: IRequest, name: str, family: str, function: str) -> bytes:
        """The XML services."""
        if name != self._surroundings.instance.lower() or self._surroundings.rest is None:
            raise NotFound
        return await self._surroundings.rest.answer(request, family, function)

    @app.route("/applications/inbound/<name>/src/gadget.ws", methods=["GET"])
    async def gadget_socket(self, request: IRequest, name: str) -> IResource:
        """The WebSocket of the gadget."""
        if name != self._surroundings.instance.lower() or self._surroundings.gadgets is None:
            raise NotFound
        return await self._surroundings.gadgets.socket(request)

    @app.route("/applications/inbound/<name>/src/<file>", methods=["GET"])
    async def phone_entrance(self, request: IRequest, name: str, file: str) -> bytes:
        """The services of phones, by the names that the manual gives them."""
        page = entrance(request, file)
        if name != self._surroundings.instance.lower() or not page:
            raise NotFound
        return await self.phone_page(request, page)

    @app.route("/phone/authentication", methods=["GET", "POST"])
    def phone_authentication(self, request: IRequest) -> bytes:
        """Where phones ask whether a push is ours."""
        if self._surroundings.pushes is None:
            raise NotFound
        return self._surroundings.pushes.authentication.answer(request, self.admission.clients)

    @app.route("/phone/<name>", methods=["GET", "POST"])
    async def phone_page(self, request: IRequest, name: str) -> bytes:
        """A page of a phone."""
        if self._surroundings.phones is None:
            raise NotFound
        return await self._surroundings.phones.answer(request, name, self.admission.clients)

    @app.route("/phone/picture/<name>.png", methods=["GET"])
    async def phone_picture(self, request: IRequest, name: str) -> bytes:
        """A picture of the status display."""
        phones = self._surroundings.phones
        content = phones.picture(request, name) if phones is not None else None
        if content is None:
            raise NotFound
        return content

    @app.route(f"{API}/")
    @app.route(API, branch=True)
    async def api(self, request: IRequest) -> bytes:
        """The JSON API."""
        if self._surroundings.api is None:
            raise NotFound
        return await self._surroundings.api.answer(request)

    @app.route("/logonpage.asp", methods=["GET"])
    async def login_page(self, request: IRequest) -> bytes:
        """Where people log in."""
        return await self._login.login_page(request)

    @app.route("/logonpage.asp", methods=["POST"])
    async def log_in(self, request: IRequest) -> bytes:
        """The login form."""
        return await self._login.log_in(request)

    @app.route("/logout", methods=["POST"])
    async def log_out(self, request: IRequest) -> bytes:
        """The end of a session."""
        return await self._login.log_out(request)

    @app.route("/password", methods=["GET"])
    async def password_page(self, request: IRequest) -> bytes:
        """Where people change their password."""
        return await self._login.password_page(request)

    @app.route("/password", methods=["POST"])
    async def change_password(self, request: IRequest) -> bytes:
        """The form of that page."""
        return await self._login.change_password(request)

    @app.route("/tokens", methods=["GET"])
    async def tokens_page(self, request: IRequest) -> bytes:
        """Where people see, make and revoke the tokens of their programs."""
        return await self._tokens.page(request)

    @app.route("/tokens", methods=["POST"])
    async def make_token(self, request: IRequest) -> bytes:
        """The form of that page."""
        return await self._tokens.make(request)

    @app.route("/tokens/revoke", methods=["POST"])
    async def revoke_token(self, request: IRequest) -> bytes:
        """The button of that page."""
        return await self._tokens.revoke(request)

    @app.route("/help/", methods=["GET"])
    def help_index(self, request: IRequest) -> bytes:
        """The help's first page."""
        return self.help_page(request, "index")

    @app.route("/help/<name>", methods=["GET"])
    def help_page(self, request: IRequest, name: str) -> bytes:
        """A page of the help."""
        page = self._help.page(name)
        if page is None:
            raise NotFound
        html = self._render(request, "help.html", title=page.title, content=Markup(page.html))
        return answer(request, html)

    @app.route("/help/pictures/<name>", methods=["GET"])
    def help_picture(self, request: IRequest, name: str) -> bytes:
        """A picture in the help."""
        return self._file(request, self._help.pictures, name)

    @app.route("/healthz", methods=["GET"])
    def health(self, request: IRequest) -> bytes:
        """Whether the process lives."""
        return answer(request, "ok\n", PLAIN)

    @app.route("/readyz", methods=["GET"])
    async def readiness(self, request: IRequest) -> bytes:
        """Whether all parts do their work: 200, or 503, to those who may know with a line for each that does not."""
        return await self._status.readiness(request)

    @app.route("/metrics", methods=["GET"])
    async def metrics(self, request: IRequest) -> bytes:
        """For Prometheus."""
        return await self._status.metrics(request, self.registry)

    @app.route("/pictures/<name>", methods=["GET"])
    async def picture(self, request: IRequest, name: str) -> bytes:
        """A user or contact."""
        if self._surroundings.files is None:
            raise NotFound
        return await self._surroundings.files.picture(request, name)

    @app.route("/tones/<name>", methods=["GET"])
    async def tone(self, request: IRequest, name: str) -> bytes:
        """What the gadget plays when it rings."""
        if self._surroundings.files is None:
            raise NotFound
        return await self._surroundings.files.tone(request, name)

    @app.route("/static/<path:name>", methods=["GET"])
    def static(self, request: IRequest, name: str) -> bytes:
        """Style sheets and pictures."""
        return self._file(request, self._static, name)

    @app.handle_errors(HTTPException)
    def known_error(self, request: IRequest, failure: Failure) -> bytes:
        """What a page refuses by raising one of Werkzeug's exceptions."""
        error = cast(HTTPException, failure.value)
        if isinstance(error, RequestRedirect):
            return redirect(request, urlsplit(error.new_url).path)
        if isinstance(error, LoginNeeded):
            return redirect(request, error.location)
        headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
        own = error.description if error.description != type(error).description else ""
        return error_page(self._templates, request, error.code or 500, own or "", headers)

    @app.handle_errors(Unavailable)
    def unavailable(self, request: IRequest, failure: Failure) -> bytes:
        """The database is away: nothing was changed."""
        self.log.error("{path} not done: {reason}", path=request.path.decode("ascii", "replace")[:300],
                       reason=failure.getErrorMessage())  # fmt: skip
        sentence = "The database cannot be used now, nothing was changed. Try again later."
        return error_page(self._templates, request, 503, sentence, {"Retry-After": "10"})

    @app.handle_errors(Exception)
    def unknown_error(self, request: IRequest, failure: Failure) -> bytes:
        """What nobody foresaw: logged, and told without details."""
        self.log.failure("error in a web page", failure)
        return error_page(self._templates, request, 500, "Something went wrong here; it has been logged.")

    def _file(self, request: IRequest, files: StaticFiles, name: str) -> bytes:
        file = files.file(name)
        if file is None:
            raise NotFound
        return file_answer(request, file)

    def _render(self, request: IRequest, template: str, **values: object) -> str:
        viewer = self.admission.viewer(request)
        return self._templates.render(template, viewer=viewer.user_name if viewer else "", **values)
