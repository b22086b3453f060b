"""The authentication URL: AUTHORIZED for our own pushes that are under way, to the phone they go to, only."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.lines import Phone
from magroup.model.settings import HttpSettings
from magroup.web.phone.push.authentication import Authentication
from magroup.web.phone.push.credentials import UnderWay
from magroup.web.request import SECURITY_HEADERS
from tests.web.connection import Answer, Web

PHONE = Phone("SEP001122334455", push_user="cti", push_password="s&cret/ü")
GIVEN = {"UserID": "cti", "Password": "s&cret/ü", "devicename": "SEP001122334455"}


class AuthenticationCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.web = Web(address="192.0.2.7", http=HttpSettings(trusted_proxies=("192.0.2.99",)))
        self.clock = Clock()
        self.under_way = UnderWay()
        self.parts: Any = SimpleNamespace(authentication=Authentication(self.under_way, self.clock.seconds))
        self.web.site._surroundings = replace(self.web.site._surroundings, pushes=self.parts)
        self.lines: list[str] = []
        globalLogPublisher.addObserver(self.logged)
        self.addCleanup(globalLogPublisher.removeObserver, self.logged)

    def logged(self, event: Any) -> None:
        if event.get("log_namespace", "").endswith("Authentication"):
            self.lines.append(event["log_format"].format(**event))

    def ask(self, method: str = "GET", fields: dict[str, str] | None = None, **headers: str) -> Answer:
        form = urlencode(GIVEN if fields is None else fields)
        if method == "GET":
            return self.web.ask(f"/phone/authentication?{form}", **headers)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self.web.ask("/phone/authentication", "POST", form.encode(), **headers)

    def test_authorized(self) -> None:
        """By either method, and with nothing that old phones do not know."""
        with self.under_way.to(PHONE, "192.0.2.7"):
            for method in ("GET", "POST"):
                answer = self.ask(method)
                self.assertEqual((answer.code, answer.body), (200, b"AUTHORIZED"))
                self.assertEqual(answer.headers["content-type"], "text/plain")
                security = {name.decode().lower() for name in SECURITY_HEADERS}
                self.assertEqual(security & answer.headers.keys(), {"server"})
        self.assertEqual(self.ask().body, b"UN-AUTHORIZED")

    def test_others(self) -> None:
        with self.under_way.to(PHONE, "192.0.2.7"):
            for change in (
                {"UserID": "CTI"}, {"Password": "s&cret"}, {"Password": ""}, {"devicename": "SEP001122334456"},
                {"devicename": ""}, {"UserID": "x" * 10_000}, {"Password": "\0"}, {"devicename": "SEP001122334455\r\n"},
            ):  # fmt: skip
                answer = self.ask(fields={**GIVEN, **change})
                self.assertEqual((answer.code, answer.body), (200, b"UN-AUTHORIZED"), change)
            twice = urlencode([*GIVEN.items(), ("Password", "other")])
            self.assertEqual(self.web.ask(f"/phone/authentication?{twice}").body, b"UN-AUTHORIZED")
            self.assertEqual(self.web.ask("/phone/authentication?UserID=%ff&Password=%ff").body, b"UN-AUTHORIZED")
            self.assertEqual(self.web.ask("/phone/authentication?" + "a=b&" * 200).body, b"UN-AUTHORIZED")

    def test_from_elsewhere(self) -> None:
        """Credentials that somebody has overheard are of no use to others."""
        with self.under_way.to(PHONE, "192.0.2.7"):
            self.web.address = "192.0.2.8"
            self.assertEqual(self.ask().body, b"UN-AUTHORIZED")
            answer = self.ask(**{"X-Forwarded-For": "192.0.2.7"})
            self.assertEqual(answer.body, b"UN-AUTHORIZED")
            self.web.address = "192.0.2.99"
            self.assertEqual(self.ask(**{"X-Forwarded-For": "192.0.2.7"}).body, b"AUTHORIZED")

    def test_log(self) -> None:
        """Ten lines a minute, then how many more; no password in any."""
        for _ in range(50):
            self.ask(fields={**GIVEN, "Password": "tops3cret"})
        self.assertEqual(len(self.lines), 10)
        self.clock.advance(60)
        self.ask()
        self.assertEqual(len(self.lines), 12)
        self.assertIn("40 more", self.lines[10])
        self.assertNotIn("tops3cret", "".join(self.lines))
        self.assertNotIn("s&cret", "".join(self.lines))

    def test_without_pushes(self) -> None:
        self.web.site._surroundings = replace(self.web.site._surroundings, pushes=None)
        self.assertEqual(self.ask().code, 404)
