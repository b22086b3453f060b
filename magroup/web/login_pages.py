"""Login page with the auto login of Jabber and the operator console, logout, change of the own password."""

from typing import cast

from twisted.web.http import Request
from twisted.web.iweb import IRequest
from werkzeug.exceptions import TooManyRequests

from magroup.web.admission import login, origin, passwords, refusals
from magroup.web.admission.admission import LOGIN_PAGE, Admission
from magroup.web.admission.frames import allow_frames
from magroup.web.admission.targets import LONGEST, local_target
from magroup.web.admission.to_the_end import to_the_end
from magroup.web.answers import answer, redirect
from magroup.web.form import form_field
from magroup.web.templates import Templates

LONGEST_FIELD = 1024
WRONG = "User name or password is wrong."


class LoginPages:
    """Each method answers one route. ``home`` is where a login without a page leads."""

    def __init__(self, admission: Admission, templates: Templates, home: str) -> None:
        self.admission = admission
        self._templates = templates
        self._home = home

    async def login_page(self, request: IRequest) -> bytes:
        """The form; with ``user`` and ``pwd`` in the address it logs in at once, as Jabber and COC do.

        But no page of another site puts somebody else in the place of who is logged in: then the user decides.
        """
        self._careful(request)
        user, password = form_field(request, "user", LONGEST_FIELD), form_field(request, "pwd", LONGEST_FIELD)
        by_address = self.admission.settings.accounts.login_by_address
        viewer = self.admission.viewer(request)
        page = self._page(request)
        if user and password and by_address and cast(Request, request).method == b"GET":
            if viewer is None or viewer.user_name.casefold() == user.casefold() or not self._is_from_elsewhere(request):
                return await self._log_in(request, user, password, login.ADDRESS)
        if viewer is not None and not user:
            if page:
                return redirect(request, page)
            csrf = self.admission.form_token(request)
            return answer(request, self._templates.render("account.html", viewer=viewer.user_name, csrf=csrf))
        return self._form(request, user, page)

    async def log_in(self, request: IRequest) -> bytes:
        """What the form sends."""
        self._careful(request)
        if self._is_from_elsewhere(request):
            raise refusals.from_elsewhere()
        user, password = form_field(request, "user", LONGEST_FIELD), form_field(request, "pwd", LONGEST_FIELD)
        return await self._log_in(request, user, password, login.FORM)

    async def log_out(self, request: IRequest) -> bytes:
        """End the session; without one there is nothing to do."""
        viewer = self.admission.viewer(request)
        if viewer is not None:
            identity = await self.admission.page(request)
            self.admission.record(self.admission.change(identity, "logout", identity.user_name))
            self.admission.end_session(request)
        return redirect(request, LOGIN_PAGE)

    async def password_page(self, request: IRequest) -> bytes:
        """The form for another password."""
        identity = await self.admission.page(request)
        return self._password_form(request, identity.user_name)

    async def change_password(self, request: IRequest) -> bytes:
        """Another password: all sessions of the user end, this browser gets a new one."""
        self._careful(request)
        admission = self.admission
        identity = await admission.page(request)
        old, new, again = (form_field(request, name, LONGEST_FIELD) for name in ("old", "new", "again"))
        shortest = admission.settings.accounts.shortest_password
        wrong = passwords.weakness(new, identity.user_name, shortest)
        wrong = wrong or ("The two new passwords differ." if new != again else "")
        wrong = wrong or ("The new password is the old one." if new == old else "")
        if wrong:
            return self._password_form(request, identity.user_name, wrong, 422)
        client = admission.clients.of(cast(Request, request))
        try:
            user = await admission.log_in.check(identity.user_name, old, client, login.FORM, renew=False)
        except refusals.WrongCredentials:
            return self._password_form(request, identity.user_name, "The old password is wrong.", 403)
        hash = await admission.passwords.hashed(new)
        change = admission.change(identity, "password", user.name)
        if not await to_the_end(admission.accounts.set_password(user.key, user.password_hash, hash, change)):
            return self._password_form(request, user.name, "Somebody has changed it meanwhile.", 409)
        admission.sessions.end_of_user(user.key)
        now = admission.user(identity)
        if now is not None:
            admission.begin_session(request, now)
        page = self._templates.render("password_changed.html", viewer=user.name)
        return answer(request, page)

    async def _log_in(self, request: IRequest, name: str, password: str, how: str) -> bytes:
        client = self.admission.clients.of(cast(Request, request))
        page = self._page(request)
        try:
            user = await self.admission.log_in.check(name, password, client, how)
        except refusals.WrongCredentials:
            return self._form(request, name, page, WRONG, 403)
        except TooManyRequests as error:
            cast(Request, request).setHeader(b"Retry-After", str(error.retry_after).encode())
            return self._form(request, name, page, str(error.description), 429)
        self.admission.begin_session(request, user)
        return redirect(request, page or self._home)

    def _is_from_elsewhere(self, request: IRequest) -> bool:
        return origin.is_from_elsewhere(cast(Request, request), self.admission.settings.public_url)

    def _page(self, request: IRequest) -> str:
        return local_target(form_field(request, "page", 4 * LONGEST)) or ""

    def _form(self, request: IRequest, user: str, page: str, wrong: str = "", code: int = 200) -> bytes:
        content = self._templates.render("login.html", user=user, page=page, wrong=wrong)
        return answer(request, content, code=code)

    def _password_form(self, request: IRequest, user: str, wrong: str = "", code: int = 200) -> bytes:
        content = self._templates.render(
            "password.html", viewer=user, csrf=self.admission.form_token(request), wrong=wrong,
            shortest=self.admission.settings.accounts.shortest_password,
        )  # fmt: skip
        return answer(request, content, code=code)

    def _careful(self, request: IRequest) -> None:
        """The address may hold a password: no other page is told of it. The gadget's frames show this page too.

        Not no-referrer: with that, browsers hide from us that the form comes from our own page.
        """
        asked = cast(Request, request)
        asked.setHeader(b"Referrer-Policy", b"strict-origin")
        if self.admission.settings.http.framed_by:
            allow_frames(asked, self.admission.settings.http.framed_by)
