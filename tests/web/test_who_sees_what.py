"""Details, reasons and metrics are for those who may see them."""

from dataclasses import replace

from lxml import html
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.people import Privilege
from magroup.model.settings import HttpSettings
from magroup.web.status import GroupStatus, Status
from tests.web.admission.kit import user
from tests.web.connection import Browser, Web

HOME = "/Applications/inbound/MA%20Group/"
FAR = "198.51.100.7"
OUTSIDE: tuple[tuple[str, dict[str, str]], ...] = (
    (FAR, {}), ("10.0.0.1", {}), ("127.0.0.1", {"X-Forwarded-For": FAR}), ("127.0.0.1", {"Via": "1.1 x"}),
    ("127.0.0.1", {"Host": "evil.example"}),
)  # fmt: skip
"""Requests that are not of this machine itself."""


def logged_in(web: Web, *privileges: Privilege) -> Browser:
    web.kept.configuration = Configuration(users=(user("Raf", *privileges),))
    browser = Browser(web)
    browser.post("/LogonPage.asp", user="raf", pwd="secret")
    return browser


class StatusPage(SynchronousTestCase):
    """The first page."""

    def setUp(self) -> None:
        self.web = Web()

    def test_from_outside(self) -> None:
        """Who has not logged in sees the name and whether it works."""
        self.web.status = Status(("udp 127.0.0.1:5060",), 8, 5, 3, (GroupStatus("Board", "8973", 6),))
        for reason, said in (("", []), ("the database does not answer", ["Not everything is ready."])):
            self.web.readiness.watch("store", lambda reason=reason: reason)
            for address, headers in OUTSIDE:
                self.web.address = address
                answer = self.web.ask(HOME, **headers)
                page = html.fromstring(answer.text)
                self.assertEqual(page.xpath("//*[@role='status']/text()"), said)
                self.assertEqual(page.xpath("//main//a/@href"), ["/LogonPage.asp"])
                for secret in ("Board", "8973", "5060", "database"):
                    self.assertNotIn(secret, answer.text)

    def test_who_is_logged_in(self) -> None:
        self.web.address = FAR
        self.web.status = Status(groups=(GroupStatus("Board", "8973", 6),))
        browser = logged_in(self.web)
        self.assertIn("Board", browser.get(HOME).text)
        self.assertNotIn("Board", self.web.ask(HOME).text)


class Probes(SynchronousTestCase):
    """Readiness and metrics."""

    def setUp(self) -> None:
        self.web = Web()

    def test_reasons_are_not_for_everybody(self) -> None:
        for address, headers in OUTSIDE:
            self.web.address = address
            self.web.readiness.ready("store")
            self.assertEqual(self.web.ask("/readyz", **headers).body, b"ready\n")
            self.web.readiness.not_ready("store", "gone")
            answer = self.web.ask("/readyz", **headers)
            self.assertEqual((answer.code, answer.body), (503, b"not ready\n"))
        self.assertEqual(logged_in(self.web).get("/readyz").body, b"store: gone\n")

    def test_metrics_are_not_for_everybody(self) -> None:
        for address, headers, code in (
            ("127.0.0.1", {}, 200), ("::1", {}, 200), ("10.1.2.3", {}, 200), ("172.16.0.1", {}, 200),
            ("192.168.1.1", {}, 200), ("fd00::1", {}, 200), ("fe80::1", {}, 200), ("::ffff:10.0.0.1", {}, 200),
            (FAR, {}, 403), ("2001:db8::1", {}, 403), (FAR, {"X-Forwarded-For": "10.0.0.1"}, 403),
            ("127.0.0.1", {"X-Forwarded-For": "10.0.0.1"}, 403), ("10.1.2.3", {"Via": "1.1 x"}, 403),
        ):  # fmt: skip
            self.web.address = address
            self.assertEqual(self.web.ask("/metrics", **headers).code, code, (address, headers))

    def test_metrics_are_open_to_those_who_are_named(self) -> None:
        http = HttpSettings(metrics_open_to=("198.51.100.0/24",), trusted_proxies=("10.0.0.1",))
        self.web.admission.apply(replace(self.web.settings, http=http))
        for address, headers, code in (
            (FAR, {}, 200), ("127.0.0.1", {}, 403), ("10.0.0.1", {}, 403), ("10.0.0.1", {"X-Forwarded-For": FAR}, 200),
            ("10.0.0.1", {"X-Forwarded-For": "203.0.113.1"}, 403), ("10.0.0.1", {"X-Forwarded-For": ""}, 403),
        ):  # fmt: skip
            self.web.address = address
            self.assertEqual(self.web.ask("/metrics", **headers).code, code, (address, headers))

    def test_metrics_are_for_administrators(self) -> None:
        self.web.address = FAR
        for privilege, code in ((Privilege.SETTINGS, 200), (Privilege.ADMIN, 200), (Privilege.GROUPS, 403)):
            self.assertEqual(logged_in(self.web, privilege).get("/metrics").code, code, privilege)
