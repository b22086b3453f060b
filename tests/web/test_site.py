"""The pages and the errors of the web site."""

from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from prometheus_client import Counter
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.standing import WorkerStanding
from magroup.resources import resource
from magroup.web.request import SECURITY_HEADERS
from magroup.web.spans import in_words
from magroup.web.status import GroupStatus, Readiness, Status
from tests.web.connection import Answer, Web

HOME = "/Applications/inbound/MA%20Group/"
PAGES = (HOME, "/LogonPage.asp", "/help/", "/help/settings", "/nowhere")


class SiteTestCase(SynchronousTestCase):
    """A site of its own for each test."""

    def setUp(self) -> None:
        self.web = Web()


class StatusPage(SiteTestCase):
    """The first page."""

    def test_the_way_to_it(self) -> None:
        answer = self.web.ask("/")
        self.assertEqual((answer.code, answer.headers["location"], answer.body), (302, HOME, b""))

    def test_whatever_the_case(self) -> None:
        for path in (HOME, HOME.lower(), HOME.upper(), "/APPLICATIONS/Inbound/ma%20group/"):
            self.assertEqual(self.web.ask(path).code, 200, path)

    def test_without_the_last_slash(self) -> None:
        answer = self.web.ask(HOME[:-1])
        self.assertEqual((answer.code, answer.headers["location"]), (302, HOME.lower()))

    def test_another_instance(self) -> None:
        self.assertEqual(self.web.ask("/Applications/inbound/Other/").code, 404)

    def test_contents(self) -> None:
        self.web.status = Status(
            sip_addresses=("udp 127.0.0.1:5060", "tcp [::1]:5060"),
            lines=8,
            registered_lines=5,
            calls=3,
            groups=(GroupStatus("A & <b>", "8973", 6),),
        )
        self.web.clock.advance(3725)
        page = html.fromstring(self.web.ask(HOME).text)
        tiles = [" ".join(tile.text_content().split()) for tile in page.xpath("//dl/div/dd")]
        self.assertEqual(tiles, ["3", "5 of 8", "1", "1 h 2 min"])
        self.assertEqual([cell.text for cell in page.xpath("//tbody/tr/td")], ["A & <b>", "8973", "6"])
        self.assertEqual(page.xpath("//main//code/text()"), ["udp 127.0.0.1:5060", "tcp [::1]:5060"])
        self.assertEqual(page.xpath("//footer/text()"), ["magroup 1.2.3"])
        self.assertEqual(page.xpath("//*[@role='status']"), [])

    def test_not_ready(self) -> None:
        self.web.readiness.not_ready("store", "the database <does> not answer")
        page = html.fromstring(self.web.ask(HOME).text)
        self.assertEqual(page.xpath("//*[@role='status']//li/text()"), ["store: the database <does> not answer"])

    def test_instance_cannot_inject(self) -> None:
        web = Web(instance='"><script>')
        self.assertNotIn("<script", web.ask("/LogonPage.asp").text)

    def test_in_words(self) -> None:
        for seconds, words in ((0, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (3600, "1 h 0 min"), (90000, "1 d 1 h")):
            self.assertEqual(in_words(seconds), words)


class OtherPages(SiteTestCase):
    """Login, help, files."""

    def test_login(self) -> None:
        for path in ("/LogonPage.asp", "/logonpage.ASP"):
            page = html.fromstring(self.web.ask(path).text)
            self.assertEqual(
                [field.get("name") for field in page.xpath("//form//input")], ["page", "user", "pwd"]
            )
        self.assertEqual(self.web.ask("/LogonPage.asp", "PUT", b"user=a&pwd=b").code, 405)

    def test_help(self) -> None:
        for path, title in (
            ("/help/", "Help for administrators"), ("/help/settings", "Settings"),
            ("/help/operations", "Running it day by day"), ("/help/api-operations", "Operations of the API"),
        ):  # fmt: skip
            answer = self.web.ask(path)
            self.assertEqual(html.fromstring(answer.text).xpath("//h1/text()"), [title])
        self.assertEqual((self.web.ask("/help").code, self.web.ask("/help").headers["location"]), (302, "/help/"))
        for path in ("/help/nope", "/help/../x", "/help/%2e%2e", "/help/index.md", "/help/a%2Fb"):
            self.assertEqual(self.web.ask(path).code, 404, path)

    def test_links_of_the_help_lead_somewhere(self) -> None:
        """From the first page and from that for operators."""
        for page in ("", "operations"):
            links = html.fromstring(self.web.ask(f"/help/{page}").text).xpath("//article//a/@href")
            self.assertIn({"": "settings", "operations": "backups"}[page], links)
            for link in links:
                self.assertEqual(self.web.ask(f"/help/{link}").code, 200, link)

    def test_static(self) -> None:
        answer = self.web.ask("/static/magroup.css")
        self.assertEqual((answer.code, answer.headers["content-type"]), (200, "text/css; charset=utf-8"))
        self.assertEqual(answer.body, resource("static/magroup.css").read_bytes())
        self.assertEqual(answer.headers["cache-control"], "no-cache")
        again = self.web.ask("/static/magroup.css", **{"If-None-Match": answer.headers["etag"]})
        self.assertEqual((again.code, again.body, again.headers["etag"]), (304, b"", answer.headers["etag"]))
        self.assertEqual(self.web.ask("/static/magroup.css", **{"If-None-Match": '"old"'}).code, 200)

    def test_no_other_files(self) -> None:
        for path in ("", "nope.css", "../site.py", "%2e%2e/templates/base.html", "%2e%2e%2ftemplates/base.html"):
            self.assertEqual(self.web.ask(f"/static/{path}").code, 404, path)
        for path in ("/etc/passwd", "magroup.css/x", "magroup.css/", "./magroup.css"):
            self.assertIn(self.web.ask(f"/static/{path}").code, (302, 404), path)

    def test_files_of_the_pages_are_there(self) -> None:
        for path in PAGES:
            page = html.fromstring(self.web.ask(path).text)
            for link in page.xpath("//link/@href | //img/@src | //script/@src"):
                self.assertEqual(self.web.ask(link).code, 200, link)


class Probes(SiteTestCase):
    """Health, readiness, metrics."""

    def test_health(self) -> None:
        self.web.readiness.not_ready("store", "gone")
        answer = self.web.ask("/healthz")
        self.assertEqual((answer.code, answer.body), (200, b"ok\n"))

    def test_ready(self) -> None:
        self.assertEqual((self.web.ask("/readyz").code, self.web.ask("/readyz").body), (200, b"ready\n"))
        self.web.readiness.not_ready("store", "gone")
        self.web.readiness.not_ready("bus", "slow")
        answer = self.web.ask("/readyz")
        self.assertEqual((answer.code, answer.body), (503, b"bus: slow\nstore: gone\n"))
        self.web.readiness.ready("store")
        self.web.readiness.ready("bus")
        self.web.readiness.ready("bus")
        self.assertEqual(self.web.ask("/readyz").code, 200)

    def test_several_processes(self) -> None:
        """The others are asked first; their numbers stand beside the own ones."""
        asked: list[str] = []

        class Others:
            async def refresh(self) -> None:
                asked.append("refresh")

            async def all(self) -> Sequence[WorkerStanding]:
                asked.append("all")
                return WorkerStanding(1, 11, 0.0, calls=3), WorkerStanding(2, 22, 0.0, calls=4)

            async def exposition(self, registry: Any) -> bytes:
                return b"of all"

        web = Web()
        web.more = lambda: {"others": Others()}  # type: ignore[method-assign]
        web.__post_init__()
        web.readiness.watch("workers", lambda: "2 does not run" if asked else "")
        self.assertEqual(web.ask("/readyz").body, b"workers: 2 does not run\n")
        self.assertEqual(web.ask("/metrics").body, b"of all")
        web.clock.advance(75)
        cells = html.fromstring(web.ask("/Applications/inbound/MA%20Group/status").text).xpath("//td/text()")
        self.assertEqual(cells, ["1", "11", "1 min 15 s", "3", "2", "22", "1 min 15 s", "4"])
        self.assertEqual(asked, ["refresh", "refresh", "all"])

    def test_watched(self) -> None:
        reasons = {"database": "", "journal": "full"}
        for part in reasons:
            self.web.readiness.watch(part, lambda part=part: reasons[part])
        self.assertEqual(self.web.ask("/readyz").body, b"journal: full\n")
        reasons.update(database="does not answer", journal="")
        answer = self.web.ask("/readyz")
        self.assertEqual((answer.code, answer.body), (503, b"database: does not answer\n"))
        reasons.update(database="")
        self.assertEqual(self.web.ask("/readyz").code, 200)

    def test_readiness_from_the_start(self) -> None:
        readiness = Readiness(magroup="is starting")
        self.assertEqual((readiness.reasons(), readiness.works()), (["magroup: is starting"], {"magroup": False}))
        readiness.ready("magroup")
        readiness.watch("journal", lambda: "cannot be written")
        self.assertEqual(readiness.works(), {"journal": False, "magroup": True})

    def test_metrics(self) -> None:
        self.web.status = Status(lines=8, registered_lines=5, calls=3, groups=(GroupStatus("A", "1", 2),))
        self.web.clock.advance(7)
        Counter("magroup_calls_total", "Calls.", registry=self.web.site.registry).inc(2)
        answer = self.web.ask("/metrics")
        self.assertTrue(answer.headers["content-type"].startswith("text/plain; version="))
        for line in (
            'magroup_info{version="1.2.3"} 1.0',
            "magroup_uptime_seconds 7.0",
            "magroup_lines 8.0",
            "magroup_registered_lines 5.0",
            "magroup_calls 3.0",
            "magroup_groups 1.0",
            "magroup_calls_total 2.0",
        ):
            self.assertIn(line, answer.text.splitlines())
        self.assertIn("process_open_fds", answer.text)


@dataclass(frozen=True)
class Markup:
    """What the content security policy forbids, found in a page."""

    scripts: int
    styles: int
    attributes: tuple[str, ...]


def inline(page: str) -> Markup:
    """The inline scripts, styles and attributes of ``page``."""
    found: dict[str, list[str]] = {"script": [], "style": [], "attributes": []}

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            names = dict(attrs)
            if tag == "style" or (tag == "script" and "src" not in names):
                found[tag].append(tag)
            found["attributes"] += [name for name in names if name == "style" or name.startswith("on")]

    Parser().feed(page)
    return Markup(len(found["script"]), len(found["style"]), tuple(found["attributes"]))


class EveryAnswer(SiteTestCase):
    """What holds for each of them."""

    def test_headers(self) -> None:
        for path in (*PAGES, "/", "/healthz", "/readyz", "/metrics", "/static/magroup.css", "/static/", "/%ff"):
            headers = self.web.ask(path).headers
            own = {b"Referrer-Policy": b"strict-origin"} if path == "/LogonPage.asp" else {}
            for name, value in {**SECURITY_HEADERS, **own}.items():
                self.assertEqual(headers[name.decode().lower()], value.decode(), path)
            self.assertNotIn("strict-transport-security", headers)

    def test_over_tls(self) -> None:
        with mock.patch("twisted.web.http.Request.isSecure", lambda request: True):
            self.assertIn("strict-transport-security", self.web.ask("/healthz").headers)

    def test_nothing_inline(self) -> None:
        for path in PAGES:
            self.assertEqual(inline(self.web.ask(path).text), Markup(0, 0, ()), path)
        self.assertEqual(
            inline("<p style=x onclick=y><script>z</script><style></style>"), Markup(1, 1, ("style", "onclick"))
        )

    def test_head(self) -> None:
        for path in (*PAGES, "/", "/healthz", "/metrics"):
            got, headed = self.web.ask(path), self.web.ask(path, "HEAD")
            self.assertEqual((headed.code, headed.body), (got.code, b""), path)
            if path != "/metrics":
                self.assertEqual(headed.headers["content-length"], str(len(got.body)), path)
        self.assertEqual(self.web.ask("/static/magroup.css", "HEAD").body, b"")


class Errors(SiteTestCase):
    """All errors look alike."""

    def error(self, answer: Answer, code: int) -> None:
        self.assertEqual((answer.code, answer.headers["content-type"]), (code, "text/html; charset=utf-8"))
        self.assertTrue(html.fromstring(answer.text).xpath("//h1/text()")[0].startswith(f"{code} "))

    def test_not_found(self) -> None:
        for path in ("/nope", "/applications/", "/static/nope", "/help/nope", "/healthz/x", "/%00", "/x" * 2000):
            answer = self.web.ask(path)
            self.error(answer, 400 if path == "/%00" else 404)

    def test_path_is_not_repeated(self) -> None:
        self.assertNotIn("nope", self.web.ask("/nope<script>").text)

    def test_method(self) -> None:
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"):
            answer = self.web.ask("/healthz", method)
            self.error(answer, 405)
            self.assertEqual(set(answer.headers["allow"].split(", ")), {"GET", "HEAD"})

    def test_redirections_stay_here(self) -> None:
        for path in ("//evil.example/help", "//help", "/help//", "/\\evil.example"):
            answer = self.web.ask(path)
            if "location" in answer.headers:
                self.assertRegex(answer.headers["location"], r"\A/(?![/\\])", path)

    def test_strange_hosts(self) -> None:
        for host in ("localhost", "localhost:1", "[::1]:8080", "10.0.0.1", "calls.example.com", "a_b"):
            self.assertEqual(self.web.ask("/healthz", Host=host).code, 200, host)
        for host in ("a b", "a/b", "[::1", "x:y", "", "é", "x" * 300, "a,b"):
            self.error(self.web.ask("/healthz", Host=host), 400)
        two = b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n"
        self.assertTrue(self.web.send(two).startswith(b"HTTP/1.1 400 "))

    def test_without_host(self) -> None:
        self.assertIn(b"\r\n\r\nok\n", self.web.send(b"GET /healthz HTTP/1.0\r\n\r\n"))

    def test_no_utf8(self) -> None:
        self.error(self.web.ask("/%ff%fe"), 400)
        self.assertEqual(self.web.ask(b"/\xff").code, 400)
        self.error(self.web.ask("/Applications/%ff"), 400)

    def test_a_page_that_breaks(self) -> None:
        with mock.patch.object(self.web.readiness, "reasons", side_effect=ZeroDivisionError("hush")):
            answer = self.web.ask("/readyz")
        self.error(answer, 500)
        self.assertNotIn("hush", answer.text)
        self.assertNotIn("Traceback", answer.text)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    @given(st.text(alphabet="/%.0fF?=&;\\:applicationshelpstatic-LogonPage \u00e9", max_size=40))
    def test_any_path(self, path: str) -> None:
        data = self.web.send(b"GET /" + path.encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertRegex(data[:13], rb"\AHTTP/1\.1 (200|302|400|404) ")

    @given(st.binary(max_size=200))
    def test_any_bytes(self, data: bytes) -> None:
        self.assertIn(self.web.send(data + b"\r\n\r\n")[:9], (b"HTTP/1.1 ", b""))
