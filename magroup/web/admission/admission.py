"""Who makes a request, and may they: ``rest``, ``api`` and ``page`` say so, or raise what it is refused with."""

from collections.abc import Callable, Collection
from typing import Any, cast
from urllib.parse import quote

from twisted.web.http import Request
from twisted.web.iweb import IRequest
from werkzeug.exceptions import Forbidden

from magroup.model.accounts import StoredAccess
from magroup.model.audit import Change
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.people import Privilege, User
from magroup.model.settings import Settings
from magroup.web.admission import login, origin, refusals, scopes
from magroup.web.admission.authorization import Basic, Bearer, authorization
from magroup.web.admission.client import Client, Clients, Networks
from magroup.web.admission.cookie import SessionCookie
from magroup.web.admission.login import LogIn
from magroup.web.admission.passwords import Passwords, Runs
from magroup.web.admission.remembered import Remembered
from magroup.web.admission.sessions import Sessions
from magroup.web.admission.store import AccessWriter, Accounts
from magroup.web.admission.targets import local_target
from magroup.web.admission.throttle import Throttle
from magroup.web.admission.tokens import Tokens
from magroup.web.identity import Identity

LOGIN_PAGE = "/LogonPage.asp"
EVERY_PRIVILEGE = frozenset(Privilege)


@fixed
class Means:
    """What the admission is handed; ``threads`` compare passwords, ``seconds`` gives UTC.

    ``barred`` are password hashes of nobody, ``logged_in`` hears of each login.
    """

    configuration: Callable[[], Configuration]
    accounts: Accounts
    writer: AccessWriter
    threads: Runs
    seconds: Callable[[], float]
    stored: StoredAccess = StoredAccess()
    barred: Collection[str] = ()
    logged_in: Callable[[User], None] = lambda user: None
    calendar: Callable[[], float] | None = None
    """UTC seconds also when the machine's clock has been set since the start; None: ``seconds``."""


@fixed
class Login:
    """A browser's session: ``stays`` says whether it still holds, ``uses`` as well, and counts as use."""

    stays: Callable[[], bool]
    uses: Callable[[], bool]


class Admission:
    """One for the whole site. ``sessions`` and ``tokens`` are those that are open and valid."""

    def __init__(self, settings: Settings, means: Means) -> None:
        self._means = means
        self.settings = settings
        self.accounts = means.accounts
        self.passwords = Passwords(means.threads)
        self._calendar = means.calendar or means.seconds
        http, limits = settings.http, settings.accounts
        self._throttle = Throttle(means.seconds, http.failed_logins_per_hour, limits.failed_logins_per_hour)
        self._remembered = Remembered(self.passwords, means.seconds, limits.remember_basic)
        self.sessions = Sessions(
            means.stored.sessions, means.writer, means.seconds, self._user, limits.session_idle,
            limits.session_lifetime,
        )  # fmt: skip
        self.log_in = LogIn(
            means.configuration, self.passwords, self._throttle, means.accounts, means.writer, self._calendar,
            means.barred, means.logged_in, self.sessions.renewed,
        )  # fmt: skip
        self.tokens = Tokens(means.stored.tokens, means.accounts, means.writer, self._calendar, self._user)
        self.apply(settings)

    def apply(self, settings: Settings) -> None:
        """Take over settings that have changed."""
        http, limits = settings.http, settings.accounts
        self.settings = settings
        self.clients = Clients(http.trusted_proxies, settings.public_url)
        self._metrics_open_to = Networks(http.metrics_open_to)
        self._cookie = SessionCookie(settings.instance, bool(http.framed_by))
        self._throttle.of_address = http.failed_logins_per_hour
        self._throttle.of_account = limits.failed_logins_per_hour
        self._remembered.lifetime = limits.remember_basic
        self.sessions.idle, self.sessions.lifetime = limits.session_idle, limits.session_lifetime

    def configure(self, old: Configuration, new: Configuration) -> None:
        """Users may be gone: their sessions and tokens end."""
        if new.users is old.users:
            return
        for key in old.user_by_name.keys() - new.user_by_name.keys():
            self.sessions.end_of_user(key)
        self.tokens.end_of_lost()

    async def rest(self, request: IRequest) -> Identity:
        """For the XML services: this machine itself with all privileges, else a user by Basic with RESTAuthentication.

        Raises Werkzeug's Unauthorized, Forbidden, TooManyRequests, ServiceUnavailable.
        """
        asked = cast(Request, request)
        client = self.clients.of(asked)
        if origin.is_from_elsewhere(asked, self.settings.public_url):
            raise refusals.from_elsewhere()
        if self._needs_no_login(asked, client):
            return Identity("", EVERY_PRIVILEGE, client.address)
        identity = _identity(await self._by_basic(asked, client), client)
        _note(asked, identity)
        if not identity.has(Privilege.REST_AUTHENTICATION):
            raise Forbidden("This user may not use the REST services.")
        return identity

    async def api(self, request: IRequest, scope: str) -> Identity:
        """For the JSON API: a token that has ``scope``, or a session, with X-CSRF-Token where something changes.

        Raises Werkzeug's Unauthorized and Forbidden. What the user may do is asked of the identity.
        """
        asked = cast(Request, request)
        client = self.clients.of(asked)
        realm = self.settings.instance
        match authorization(asked):
            case Bearer(secret):
                token = self.tokens.find(secret)
                user = self._user(token.user_key) if token is not None else None
                if token is None or user is None:
                    raise refusals.token_needed(realm, "invalid_token")
                identity = _identity(user, client)
                _note(asked, identity)
                if not scopes.allows(token.scopes, scope):
                    raise refusals.ScopeNeeded(scope)
                return identity
        if asked.requestHeaders.hasHeader(b"authorization"):
            raise refusals.token_needed(realm, "invalid_token")
        user = self._by_session(asked, client)
        if user is None:
            raise refusals.token_needed(realm)
        return self._with_token(asked, user, client)

    def stays(self, request: IRequest, scope: str) -> bool:
        """Whether a request that ``api`` has let in may go on, whose answer takes long; this counts as no use."""
        asked = cast(Request, request)
        match authorization(asked):
            case Bearer(secret):
                token = self.tokens.look_up(secret)
                return token is not None and scopes.allows(token.scopes, scope) and bool(self._user(token.user_key))
        return self.sessions.look_up(self._session_id(asked)) is not None

    def refuse_other_sites(self, request: IRequest) -> None:
        """For what a page of another site may not ask for even by GET, such as a WebSocket. Raises Forbidden."""
        if origin.is_from_elsewhere(cast(Request, request), self.settings.public_url):
            raise refusals.from_elsewhere()

    def login_of(self, request: IRequest) -> Login:
        """The session of a request, for what goes on when that is answered."""
        id, sessions = self._session_id(cast(Request, request)), self.sessions
        return Login(lambda: sessions.look_up(id) is not None, lambda: sessions.user_of(id) is not None)

    async def page(self, request: IRequest, *privileges: str) -> Identity:
        """For pages and their forms: a session of a user who has one of ``privileges``, if any are named.

        Raises LoginNeeded, Forbidden.
        """
        asked = cast(Request, request)
        client = self.clients.of(asked)
        user = self._by_session(asked, client)
        if user is None:
            raise refusals.LoginNeeded(_login_page(asked))
        identity = self._with_token(asked, user, client)
        if privileges and not any(map(identity.has, privileges)):
            raise Forbidden("This is not for this user.")
        return identity

    def viewer(self, request: IRequest) -> Identity | None:
        """Who looks at a page that everybody may see; None without a login."""
        asked = cast(Request, request)
        client = self.clients.of(asked)
        user = self._by_session(asked, client)
        return None if user is None else _identity(user, client)

    def may_upload(self, request: Request) -> bool:
        """Whether a large body is waited for: who makes the request is looked at when it is there."""
        if self.clients.of(request).is_this_machine or authorization(request) is not None:
            return True
        return self.viewer(cast(IRequest, request)) is not None

    def may_see_details(self, request: IRequest) -> bool:
        """Whether this is somebody who is logged in, or this machine itself."""
        asked = cast(Request, request)
        return self._needs_no_login(asked, self.clients.of(asked)) or self.viewer(request) is not None

    def may_read_metrics(self, request: IRequest) -> bool:
        """Whether it comes from where that is allowed, or from an administrator who is logged in."""
        client = self.clients.of(cast(Request, request))
        if client.is_certain and self._metrics_open_to.has(client.address):
            return True
        viewer = self.viewer(request)
        return viewer is not None and (viewer.has(Privilege.SETTINGS) or viewer.has(Privilege.ADMIN))

    def form_token(self, request: IRequest) -> str:
        """What the forms of this session hold in the field ``csrf``."""
        return origin.form_token(self._session_id(cast(Request, request)))

    def begin_session(self, request: IRequest, user: User) -> None:
        """The browser has logged in: it gets a session with a new id, the one before ends."""
        asked = cast(Request, request)
        client = self.clients.of(asked)
        id = self.sessions.begin(user, client.address, instead=self._session_id(asked))
        self._cookie.put(asked, id, client.secure)
        _note(asked, _identity(user, client))

    def end_session(self, request: IRequest) -> None:
        """The browser's session ends, if it has one."""
        asked = cast(Request, request)
        client = self.clients.of(asked)
        self.sessions.end(self._session_id(asked))
        self._cookie.remove(asked, client.secure)

    def user(self, identity: Identity) -> User | None:
        """The user as it is now."""
        return self._means.configuration().user(identity.user_name)

    def change(self, identity: Identity, what: str, key: str, old: str = "", new: str = "") -> Change:
        """An entry for the audit trail, of this moment."""
        return Change(self._calendar(), identity.user_name, identity.address, what, key, old, new)

    def record(self, change: Change) -> None:
        """Add to the audit trail what has no transaction of its own."""
        self._means.writer.record(change)

    def _needs_no_login(self, request: Request, client: Client) -> bool:
        """Whether this is a program of this machine itself, as far as that is believed without a login."""
        return (
            client.is_this_machine
            and self.settings.rest.loopback_without_login
            and origin.is_ours_by_host(request, self.settings.public_url)
        )

    def _user(self, key: str) -> User | None:
        return self._means.configuration().user_by_name.get(key)

    async def _by_basic(self, request: Request, client: Client) -> User:
        credentials = authorization(request)
        if not isinstance(credentials, Basic):
            raise refusals.basic_needed(self.settings.instance)
        user = self._user(credentials.user.casefold())
        if user is not None and self._remembered.fits(user, credentials):
            return user
        try:
            user = await self.log_in.check(credentials.user, credentials.password, client, login.BASIC)
        except refusals.WrongCredentials:
            raise refusals.basic_needed(self.settings.instance) from None
        self._remembered.keep(user, credentials)
        return user

    def _session_id(self, request: Request) -> str:
        return self._cookie.read(request, self.clients.of(request).secure)

    def _by_session(self, request: Request, client: Client) -> User | None:
        user = self.sessions.user_of(self._cookie.read(request, client.secure))
        if user is not None:
            _note(request, _identity(user, client))
        return user

    def _with_token(self, request: Request, user: User, client: Client) -> Identity:
        """The user, whose own page has made the request where that changes something."""
        if request.method not in origin.SAFE:
            if origin.is_from_elsewhere(request, self.settings.public_url):
                raise refusals.from_elsewhere()
            if not origin.has_form_token(request, self._session_id(request)):
                raise Forbidden("The page is too old. Load it again.")
        return _identity(user, client)


def _identity(user: User, client: Client) -> Identity:
    return Identity(user.name, frozenset(user.privileges), client.address)


def _note(request: Request, identity: Identity) -> None:
    """For the access log."""
    cast(Any, request).user_name = identity.user_name


def _login_page(request: Request) -> str:
    target = local_target(request.uri.decode("ascii", "replace")) if request.method == b"GET" else None
    return f"{LOGIN_PAGE}?page={quote(target, safe='/')}" if target else LOGIN_PAGE
