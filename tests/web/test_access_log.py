"""The line of each request, and its numbers."""

from typing import Any

from twisted.logger import LogLevel, capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from magroup.log import LineObserver
from magroup.model.configuration import Configuration
from magroup.model.settings import HttpSettings, LogSettings, Settings
from magroup.web.access_log import FAMILIES, OF_APPLICATIONS, family
from tests.web.admission.kit import Kept, user
from tests.web.connection import Browser, Web


class Lines(SynchronousTestCase):
    """As they stand in the log."""

    def setUp(self) -> None:
        self.web = Web(kept=Kept(Configuration(users=(user("Raf"),))), address="198.51.100.7")
        self.browser = Browser(self.web)

    def events(self, path: str, **headers: str) -> list[dict[str, Any]]:
        self.browser.headers = headers
        with capturedLogs() as events:
            self.browser.get(path)
        return [event for event in events if event["log_namespace"].endswith("AccessLog")]

    def line(self, path: str, **headers: str) -> str:
        lines: list[str] = []

        class Stream:
            def write(self, text: str) -> None:
                lines.append(text)

            def flush(self) -> None: ...

        observer = LineObserver(Stream(), LogSettings())
        for event in self.events(path, **headers):
            observer(event)
        (line,) = lines
        return line.partition("AccessLog: ")[2]

    def test_without_a_login(self) -> None:
        self.assertEqual(self.line("/help/?secret=x"), "GET /help/ 200 0.0 ms, - from 198.51.100.7\n")

    def test_with_a_login(self) -> None:
        self.browser.post("/LogonPage.asp", user="raf", pwd="secret")
        self.assertEqual(self.line("/help/"), "GET /help/ 200 0.0 ms, Raf from 198.51.100.7\n")

    def test_nothing_forges_a_line(self) -> None:
        for path in ("/a%0d%0aGET", "/%e2%80%aea", "/%1b[31m", "/" + "x" * 5000):
            line = self.line(path)
            self.assertTrue(line.removesuffix("\n").isprintable(), line)
            self.assertLess(len(line), 500)

    def test_probes_are_for_debugging(self) -> None:
        for path, level in (("/healthz", LogLevel.debug), ("/metrics", LogLevel.debug), ("/nope", LogLevel.info)):
            self.assertEqual([event["log_level"] for event in self.events(path)], [level])

    def test_switched_off(self) -> None:
        self.web.admission.apply(Settings(http=HttpSettings(access_log=False)))
        self.assertEqual(self.events("/help/"), [])

    def test_time(self) -> None:
        protocol, _ = self.web.connect()
        with capturedLogs() as events:
            protocol.dataReceived(b"GET /help/ HTTP/1.1\r\nHost: x\r\n")
            self.web.clock.advance(5)
            protocol.dataReceived(b"\r\n")
        self.assertEqual([event["milliseconds"] for event in events if "milliseconds" in event], [0.0])


class Numbers(SynchronousTestCase):
    """Few labels, whatever is asked for."""

    def test_families(self) -> None:
        for path, expected in (
            (b"/", "status"), (b"/applications/inbound/x/", "status"), (b"/Applications/Inbound/x", "status"),
            (b"/Applications/inbound/x/rest/groups", "rest"), (b"/applications/inbound/x/src/Jabber.asp", "pages"),
            (b"/applications/inbound/x/nope/", "other"), (b"/LogonPage.asp", "login"), (b"/password", "login"),
            (b"/help/x", "help"), (b"/static/a.css", "static"), (b"/healthz", "probe"), (b"/api/v1/users", "api"),
            (b"/api/v1/events", "events"),
            (b"/nope", "other"), (b"*", "other"), (b"\xff", "other"), (b"", "other"), (b"/applications", "other"),
        ):  # fmt: skip
            self.assertEqual(family(path), expected, path)

    def test_bounded(self) -> None:
        web = Web()
        for path in (*(f"/{number}" for number in range(50)), "/help/", "/Applications/inbound/x/rest/y"):
            for method in ("GET", "BREW", "X" * 15):
                web.ask(path, method)
        text = web.ask("/metrics").text
        labels = [line for line in text.splitlines() if line.startswith("magroup_http_requests_total")]
        self.assertLess(len(labels), 12)
        self.assertIn('magroup_http_requests_total{family="other",method="GET",status="4xx"} 50.0', labels)
        self.assertIn('magroup_http_requests_total{family="help",method="other",status="4xx"} 2.0', labels)
        self.assertIn('magroup_http_request_seconds_count{family="help"} 3.0', text)
        self.assertLessEqual(len(set(FAMILIES.values()) | set(OF_APPLICATIONS.values())), 9)

    def test_logins(self) -> None:
        web = Web(kept=Kept(Configuration(users=(user("Raf"),))))
        browser = Browser(web)
        browser.post("/LogonPage.asp", user="raf", pwd="wrong")
        browser.post("/LogonPage.asp", user="raf", pwd="secret")
        lines = web.ask("/metrics").text.splitlines()
        for line in (
            'magroup_logins_total{how="form",outcome="failed"} 1.0',
            'magroup_logins_total{how="form",outcome="succeeded"} 1.0',
            "magroup_sessions 1.0",
        ):
            self.assertIn(line, lines)
