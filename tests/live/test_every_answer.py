"""Every answer of the web site has the security headers, whoever asks for what; behind TLS it says so, cookies too."""

import re
from collections.abc import Iterator
from typing import Any

import treq
from twisted.internet import reactor
from twisted.trial.unittest import TestCase
from twisted.web.client import Agent
from twisted.web.http_headers import Headers

from magroup.web.admin.table import ROUTES
from magroup.web.api import OPERATIONS
from magroup.web.request import SECURITY_HEADERS
from magroup.web.site import WebSite
from tests.live.server import company
from tests.live.whole_server import WholeServer

PUBLIC = "calls.example.com"
MAY_DIFFER = {b"Content-Security-Policy", b"Referrer-Policy", b"X-Frame-Options", b"Cross-Origin-Resource-Policy"}
"""A page that may do more replaces these; they are there all the same, the last but for who may be framed."""
FOR_OLD_PHONES = "/phone/authentication"
"""A word for phones, old ones of which stumble over header fields that they do not know."""
METHODS = ("GET", "POST", "HEAD", "DELETE", "BREW")
HOME = "/applications/inbound/MAGroup/"


def paths() -> Iterator[str]:
    """Of every route there is, with something in its places, and some that are none."""
    for rule in WebSite.app.url_map.iter_rules():
        yield filled(rule.rule.replace("<name>/", "magroup/", 1))
    for route in ROUTES:
        yield HOME + filled(route.path)
    for operation in OPERATIONS:
        yield f"/api/v1{filled(operation.path)}"
    yield from ("/nope", "/%00", "/%ff", "/static/magroup.css", "/help/threat-model", f"{HOME}rest/groups/x")


def filled(rule: str) -> str:
    return re.sub(r"<[^>]*>|\{[^}]*\}", "1", rule)


class EveryAnswer(TestCase):
    """All of magroup, asked by nobody and by the administrator."""

    async def ask(self, method: str, path: str, cookie: str = "", body: bytes = b"", host: str = PUBLIC) -> Any:
        headers = Headers({"Host": [host], **({"Cookie": [cookie]} if cookie else {})})
        if body:
            headers.addRawHeader(b"Content-Type", b"application/x-www-form-urlencoded")
        agent: Any = Agent(reactor)
        answer = await treq.request(
            method, self.web + path, headers=headers, data=body, allow_redirects=False, agent=agent,
            persistent=False, timeout=20, unbuffered=False,
        )  # fmt: skip
        await answer.content()
        return answer

    async def test_table(self) -> None:
        whole = WholeServer(self, f'public_url = "https://{PUBLIC}"')
        await whole.start(company())
        self.web = whole.web
        password = (whole.folder / "initial-admin-password").read_text().strip()
        page = await self.ask("GET", "/LogonPage.asp")
        cookie = await self.logged_in(password)
        asked = sorted(set(paths()))
        self.assertGreater(len(asked), 150)
        self.headers(page, "login")
        codes = set()
        for path in asked:
            for method in METHODS if path.count("/") < 3 else ("GET", "POST"):
                for who in ("", cookie):
                    if path.startswith("/api/v1/events") and who:
                        continue
                    answer = await self.ask(method, path, who)
                    codes.add(answer.code)
                    if path != FOR_OLD_PHONES or answer.code != 200:
                        self.headers(answer, f"{method} {path} {bool(who)} {answer.code}")
        self.assertLessEqual({200, 302, 400, 401, 403, 404, 405}, codes)
        large = await self.ask("POST", "/LogonPage.asp", body=b"x" * (2 << 20))
        self.assertEqual(large.code, 413)
        self.headers(large, "too large", is_hsts=False)
        plain = await self.ask("GET", "/LogonPage.asp", host="10.0.0.1:8080")
        self.assertFalse(plain.headers.hasHeader("strict-transport-security"))

    async def logged_in(self, password: str) -> str:
        body = f"user=admin&pwd={password}".encode()
        answer = await self.ask("POST", "/LogonPage.asp", body=body)
        (line,) = answer.headers.getRawHeaders("set-cookie")
        self.assertTrue(line.startswith("__Host-magroup-MAGroup="), line)
        self.assertEqual(line.split("; ")[1:], ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"])
        return line.partition(";")[0]

    def headers(self, answer: Any, what: str, is_hsts: bool = True) -> None:
        """All of them, once each."""
        for name, value in SECURITY_HEADERS.items():
            found = answer.headers.getRawHeaders(name) or []
            if name not in MAY_DIFFER:
                self.assertEqual(found, [value], (what, name))
            elif name != b"X-Frame-Options":
                self.assertEqual(len(found), 1, (what, name))
        policy = answer.headers.getRawHeaders("content-security-policy")[0]
        self.assertTrue(policy.startswith("default-src 'none'"), (what, policy))
        self.assertNotRegex(policy, r"unsafe|\*|script-src (?!'self'(;|$))", what)
        if "frame-ancestors 'none'" in policy:
            self.assertEqual(answer.headers.getRawHeaders("x-frame-options"), ["DENY"], what)
        if is_hsts:
            self.assertEqual(answer.headers.getRawHeaders("strict-transport-security"), ["max-age=31536000"], what)
