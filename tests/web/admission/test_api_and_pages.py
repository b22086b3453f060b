"""Who may use the JSON API and the pages: tokens with scopes, sessions with the token of their forms."""

from dataclasses import replace
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from werkzeug.exceptions import Forbidden, Unauthorized

from magroup.model.configuration import Configuration
from magroup.model.people import Privilege
from magroup.model.settings import HttpSettings, Settings
from magroup.web.admission import LoginNeeded, guards
from magroup.web.admission.frames import allow_frames
from magroup.web.identity import Identity
from tests.web.admission.kit import HASHES, Kept, admission, basic, cookie_of, request, user

RAF, ARA = user("Raf", Privilege.GROUPS), user("Ara", Privilege.ADMIN, id=2)
FAR = "198.51.100.7"


class AdmissionCase(SynchronousTestCase):
    """Raf is logged in with ``cookie``, and has a token."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1e9)
        self.kept = Kept(Configuration(users=(RAF, ARA)))
        self.admission = admission(self.kept, self.clock)
        asked = request(peer=FAR)
        self.admission.begin_session(asked, RAF)
        self.cookie = cookie_of(asked)
        self.csrf = self.admission.form_token(request(cookie=self.cookie))
        made = self.admission.tokens.create("raf", "x", ["groups:read"], 1e9 + 100, "Raf", FAR)
        _, self.secret = self.successResultOf(Deferred.fromCoroutine(made))

    def api(self, method: str = "GET", scope: str = "groups:read", **options: Any) -> "Deferred[Identity]":
        self.asked = request(method, "/api/v1/groups", peer=FAR, **options)
        return Deferred.fromCoroutine(self.admission.api(self.asked, scope))

    def page(self, method: str = "GET", uri: str = "/groups", privileges: Any = (), **options: Any) -> Any:
        return Deferred.fromCoroutine(self.admission.page(request(method, uri, peer=FAR, **options), *privileges))


class Api(AdmissionCase):
    """Bearer or session."""

    def test_token(self) -> None:
        identity = self.successResultOf(self.api(Authorization=f"Bearer {self.secret}"))
        self.assertEqual(identity, Identity("Raf", frozenset({"Groups"}), FAR))
        self.assertEqual(self.asked.user_name, "Raf")
        self.successResultOf(self.api("POST", Authorization=f"Bearer {self.secret}", Origin="http://evil.example"))

    def test_tokens_scope(self) -> None:
        for scope in ("groups:write", "users:read"):
            asked = self.api(scope=scope, Authorization=f"Bearer {self.secret}")
            refused = self.failureResultOf(asked, Forbidden).value
            challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
            self.assertIn(("WWW-Authenticate", challenge), refused.get_headers())

    def test_no_token(self) -> None:
        for headers, error in (
            ({}, None), ({"Authorization": "Bearer mag_x"}, "invalid_token"),
            ({"Authorization": "Bearer"}, "invalid_token"),
            ({"Authorization": basic("raf", "secret")}, "invalid_token"),
        ):  # fmt: skip
            refused = self.failureResultOf(self.api(**headers), Unauthorized).value
            expected = 'Bearer realm="MAGroup"' + (f', error="{error}"' if error else "")
            self.assertIn(("WWW-Authenticate", expected), refused.get_headers())

    def test_a_wrong_token_beside_a_session(self) -> None:
        self.failureResultOf(self.api(cookie=self.cookie, Authorization="Bearer mag_x"), Unauthorized)

    def test_expired_or_revoked(self) -> None:
        self.clock.advance(100)
        self.failureResultOf(self.api(Authorization=f"Bearer {self.secret}"), Unauthorized)

    def test_user_gone(self) -> None:
        old = self.kept.configuration
        self.kept.configuration = Configuration(users=(ARA,))
        self.failureResultOf(self.api(Authorization=f"Bearer {self.secret}"), Unauthorized)
        self.admission.configure(old, self.kept.configuration)
        self.kept.configuration = old
        self.failureResultOf(self.api(Authorization=f"Bearer {self.secret}"), Unauthorized)
        self.failureResultOf(self.api(cookie=self.cookie), Unauthorized)

    def test_another_user_of_the_same_name(self) -> None:
        self.kept.configuration = Configuration(users=(replace(RAF, id=7), ARA))
        self.failureResultOf(self.api(Authorization=f"Bearer {self.secret}"), Unauthorized)

    def test_privileges_of_the_moment(self) -> None:
        self.kept.configuration = Configuration(users=(replace(RAF, privileges=frozenset({Privilege.REPORTS})),))
        for options in ({"Authorization": f"Bearer {self.secret}"}, {"cookie": self.cookie}):
            self.assertEqual(self.successResultOf(self.api(**options)).privileges, {"Reports"})

    def test_session(self) -> None:
        identity = self.successResultOf(self.api(cookie=self.cookie, scope="users:write"))
        self.assertEqual((identity.user_name, identity.address), ("Raf", FAR))

    def test_stays(self) -> None:
        """An answer that takes long: as long as the token or the session is good, neither of which it keeps alive."""
        session = request(peer=FAR, cookie=self.cookie)
        token = request(peer=FAR, Authorization=f"Bearer {self.secret}")
        scopes = ("groups:read", "users:read")
        self.assertEqual([self.admission.stays(token, scope) for scope in scopes], [True, False])
        self.assertEqual([self.admission.stays(session, scope) for scope in scopes], [True, True])
        self.assertFalse(self.admission.stays(request(peer=FAR), "groups:read"))
        self.clock.advance(99)
        self.assertEqual([self.admission.stays(one, "groups:read") for one in (session, token)], [True, True])
        self.assertEqual({one.used_at for one in (*self.kept.sessions.values(), *self.kept.tokens.values())}, {1e9, 0})
        self.clock.advance(1)
        self.assertFalse(self.admission.stays(token, "groups:read"))
        self.clock.advance(self.admission.sessions.idle)
        self.assertFalse(self.admission.stays(session, "groups:read"))

    def test_changes_need_the_form_token(self) -> None:
        for method in ("POST", "PUT", "PATCH", "DELETE", "BREW"):
            self.failureResultOf(self.api(method, cookie=self.cookie), Forbidden)
            self.failureResultOf(self.api(method, cookie=self.cookie, X_CSRF_Token="x"), Forbidden)
            self.successResultOf(self.api(method, cookie=self.cookie, X_CSRF_Token=self.csrf))
            for headers in ({"Origin": "http://evil.example"}, {"Sec_Fetch_Site": "same-site"}):
                refused = self.api(method, cookie=self.cookie, X_CSRF_Token=self.csrf, **headers)
                self.failureResultOf(refused, Forbidden)


class Pages(AdmissionCase):
    """Sessions only."""

    def test_session(self) -> None:
        self.assertEqual(self.successResultOf(self.page(cookie=self.cookie)).user_name, "Raf")

    def test_privileges(self) -> None:
        self.successResultOf(self.page(cookie=self.cookie, privileges=("Admin", "Groups")))
        self.failureResultOf(self.page(cookie=self.cookie, privileges=("Admin",)), Forbidden)

    def test_way_to_the_login(self) -> None:
        for method, uri, expected in (
            ("GET", "/groups", "/LogonPage.asp?page=/groups"),
            ("GET", "/groups?a=b&c=%20d", "/LogonPage.asp?page=/groups%3Fa%3Db%26c%3D%2520d"),
            ("GET", "//evil.example", "/LogonPage.asp"),
            ("GET", "/\\evil", "/LogonPage.asp"),
            ("POST", "/groups", "/LogonPage.asp"),
        ):
            self.assertEqual(self.failureResultOf(self.page(method, uri), LoginNeeded).value.location, expected)
        for other in (basic("raf", "secret"), f"Bearer {self.secret}"):
            self.failureResultOf(self.page(Authorization=other), LoginNeeded)

    def test_forms(self) -> None:
        self.failureResultOf(self.page("POST", cookie=self.cookie), Forbidden)
        self.successResultOf(self.page("POST", f"/groups?csrf={self.csrf}", cookie=self.cookie))
        self.failureResultOf(
            self.page("POST", f"/groups?csrf={self.csrf}", cookie=self.cookie, Origin="null"), Forbidden
        )

    def test_viewer(self) -> None:
        self.assertIsNone(self.admission.viewer(request()))
        viewer = self.admission.viewer(request(cookie=self.cookie))
        self.assertEqual(viewer and viewer.user_name, "Raf")

    def test_no_session_of_elsewhere(self) -> None:
        """A session id that somebody has put into the browser before the login is worth nothing after it."""
        planted = request(cookie=self.cookie)
        self.admission.begin_session(planted, ARA)
        self.assertNotEqual(cookie_of(planted), self.cookie)
        self.failureResultOf(self.page(cookie=self.cookie), LoginNeeded)
        self.assertEqual(self.successResultOf(self.page(cookie=cookie_of(planted))).user_name, "Ara")

    def test_another_password(self) -> None:
        self.kept.configuration = Configuration(users=(replace(RAF, password_hash=HASHES["other"]),))
        self.failureResultOf(self.page(cookie=self.cookie), LoginNeeded)

    def test_over_tls(self) -> None:
        asked = request(secure=True)
        self.admission.begin_session(asked, RAF)
        self.assertTrue(cookie_of(asked).startswith("__Host-magroup-MAGroup="))
        self.successResultOf(self.page(secure=True, cookie=cookie_of(asked)))
        self.failureResultOf(self.page(cookie=cookie_of(asked)), LoginNeeded)


class Guards(AdmissionCase):
    """The decorators of routes."""

    @guards.page("Groups")
    async def groups(self, request: Any, identity: Identity, name: str) -> str:
        """Doc."""
        return f"{identity.user_name} {name}"

    @guards.page("Admin")
    def nobody(self, request: Any, identity: Identity) -> str:
        return "never"

    @guards.api("groups:read")
    def things(self, request: Any, identity: Identity) -> str:
        return identity.user_name

    @guards.rest
    def services(self, request: Any, identity: Identity) -> str:
        return identity.address

    def test_admitted(self) -> None:
        self.assertEqual(self.groups.__doc__, "Doc.")
        for asked, expected in (
            (self.groups(request(cookie=self.cookie), name="x"), "Raf x"),
            (self.things(request(Authorization=f"Bearer {self.secret}")), "Raf"),
            (self.services(request(peer="127.0.0.1", Host="localhost")), "127.0.0.1"),
        ):
            self.assertEqual(self.successResultOf(Deferred.fromCoroutine(asked)), expected)

    def test_not_admitted(self) -> None:
        for asked, error in (
            (self.groups(request(), name="x"), LoginNeeded),
            (self.nobody(request(cookie=self.cookie)), Forbidden),
            (self.things(request()), Unauthorized),
            (self.services(request()), Unauthorized),
        ):
            self.failureResultOf(Deferred.fromCoroutine(asked), error)


class Frames(SynchronousTestCase):
    """Pages that other sites may show."""

    def test_headers(self) -> None:
        asked = request()
        asked.setHeader(b"X-Frame-Options", b"DENY")
        allow_frames(asked, ("https://*.webex.com", "https://a.example"))
        (policy,) = asked.responseHeaders.getRawHeaders(b"content-security-policy")
        self.assertIn(b"; frame-ancestors 'self' https://*.webex.com https://a.example", policy)
        self.assertFalse(asked.responseHeaders.hasHeader(b"x-frame-options"))

    def test_cookies(self) -> None:
        settings = Settings(http=HttpSettings(framed_by=("https://*.webex.com",)))
        asked = request(secure=True)
        admission(Kept(Configuration(users=(RAF,))), Clock(), settings).begin_session(asked, RAF)
        self.assertIn(b"; SameSite=None; Partitioned; Secure", asked.responseHeaders.getRawHeaders(b"set-cookie")[0])
