"""The page of the own tokens, as a browser without scripts uses it."""

from lxml import html
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.unavailable import Unavailable
from tests.web.admission.kit import Kept, user
from tests.web.connection import Answer, Browser, Web

DAY = 86400


class TokenPages(SynchronousTestCase):
    """``/tokens``. It is the 11th of January 1970."""

    def setUp(self) -> None:
        self.kept = Kept(Configuration(users=(user("Raf"), user("Ann", id=2))))
        self.web = Web(kept=self.kept, address="198.51.100.7")
        self.web.clock.advance(10 * DAY)
        self.browser = self.logged_in("raf")

    def logged_in(self, name: str) -> Browser:
        browser = Browser(self.web)
        browser.post("/LogonPage.asp", user=name, pwd="secret")
        return browser

    def csrf(self, browser: Browser | None = None) -> str:
        page = html.fromstring((browser or self.browser).get("/tokens").text)
        return str(page.xpath("//form[@action='/tokens']//input[@name='csrf']/@value")[0])

    def make(self, name: str = "Wallboard", *scopes: str, until: str = "", csrf: str | None = None) -> Answer:
        scope = "&scope=".join(["", *(scopes or ("journal:read",))])
        body = f"csrf={self.csrf() if csrf is None else csrf}&name={name}&until={until}{scope}".encode()
        return self.post("/tokens", body)

    def post(self, path: str, body: bytes) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        return self.web.ask(path, "POST", body, **headers)

    def shown(self) -> list[list[str]]:
        page = html.fromstring(self.browser.get("/tokens").text)
        return [[" ".join(part.text_content().split()) for part in token.xpath(".//strong[1] | .//p")]
                for token in page.xpath("//ul[@class='tokens']/li")]  # fmt: skip

    def test_needs_a_login(self) -> None:
        answer = Browser(self.web).get("/tokens")
        self.assertEqual((answer.code, answer.headers["location"]), (302, "/LogonPage.asp?page=/tokens"))

    def test_the_way_there(self) -> None:
        self.assertIn('href="/tokens"', self.browser.get("/LogonPage.asp").text)

    def test_it_can_be_used_by_everybody(self) -> None:
        page = html.fromstring(self.browser.get("/tokens").text)
        for field in page.xpath("//form[@action='/tokens']//input[not(@type='hidden')]"):
            self.assertTrue(field.getparent().tag == "label" and field.getparent().text_content().strip())
        self.assertEqual(page.xpath("//script/@src"), ["/static/copy.js"])
        self.assertEqual((page.xpath("//script/text()"), page.xpath("//@onclick")), ([], []))
        self.assertEqual(page.xpath("//input[@name='until']/@min"), ["1970-01-12"])
        scopes = page.xpath("//input[@name='scope']/@value")
        self.assertTrue({"journal:read", "groups:write", "sounds:write"} <= set(scopes))
        self.assertNotIn("journal:write", scopes)
        self.assertIn("You have none.", page.text_content())
        self.assertEqual(self.browser.get("/static/copy.js").headers["content-type"], "text/javascript; charset=utf-8")

    def test_made_shown_once_and_used(self) -> None:
        answer = self.make("Wall board", "journal:read", "groups:write", until="1970-01-20")
        self.assertEqual((answer.code, answer.headers["cache-control"]), (200, "no-store"))
        page = html.fromstring(answer.text)
        (secret,) = page.xpath("//input[@id='secret']/@value")
        self.assertEqual(page.xpath("//button[@data-copy='secret']/@hidden"), [""])
        (token,) = self.web.admission.tokens.of_user("raf")
        self.assertEqual((token.name, sorted(token.scopes)), ("Wall board", ["groups:write", "journal:read"]))
        self.assertEqual(token.expires_at, 20 * DAY)
        found = self.web.admission.tokens.find(secret)
        self.assertEqual(found and found.id, token.id)
        self.assertEqual(self.kept.audit[-1].what, "token")
        self.assertNotIn(secret, self.browser.get("/tokens").text)
        self.assertEqual(self.shown(), [
            ["Wall board", "groups:write, journal:read", "Made 1970-01-11, last used 1970-01-11, until 1970-01-20"],
        ])  # fmt: skip
        self.web.clock.advance(10 * DAY)
        self.assertIsNone(self.web.admission.tokens.find(secret))
        self.browser = self.logged_in("raf")
        self.assertIn("ended 1970-01-20", self.shown()[0][-1])

    def test_reloaded(self) -> None:
        """The same form sent again makes no second one."""
        csrf = self.csrf()
        self.assertEqual([self.make(csrf=csrf).code for _ in range(2)], [200, 422])
        self.assertEqual(len(self.web.admission.tokens.of_user("raf")), 1)

    def test_wrong(self) -> None:
        for name, scopes, until, sentence in (
            ("", ("journal:read",), "", "A token needs a name"),
            ("x" * 101, ("journal:read",), "", "A token needs a name"),
            ("a", ("",), "", "is no scope"), ("a", ("root:write",), "", "root:write is no scope"),
            ("a", ("journal:read",), "1970-01-10", "must be in the next ten years"),
            ("a", ("journal:read",), "2999-01-01", "must be in the next ten years"),
            ("a", ("journal:read",), "9999-12-31", "This is no date"), ("a", ("journal:read",), "x", "This is no date"),
        ):  # fmt: skip
            answer = self.make(name, *scopes, until=until)
            page = html.fromstring(answer.text)
            (alert,) = page.xpath("//*[@role='alert']/text()")
            self.assertEqual(answer.code, 422)
            self.assertIn(sentence, alert)
            self.assertEqual(page.xpath("//input[@name='name']/@value"), [name])
            self.assertEqual(bool(page.xpath("//input[@value='journal:read']/@checked")), "journal:read" in scopes)
            self.assertEqual(len(page.xpath("//*[@aria-invalid]")), 1)
        answer = self.post("/tokens", f"csrf={self.csrf()}&name=a".encode())
        self.assertIn("at least one scope", answer.text)
        self.assertEqual(self.web.admission.tokens.of_user("raf"), ())

    def test_hostile_forms(self) -> None:
        csrf = self.csrf()
        for body in (b"name=%ff", b"name=a&name=b", b"name=" + b"x" * 300, b"scope=%ff&name=a", b"a&" * 200):
            self.assertEqual(self.post("/tokens", f"csrf={csrf}&".encode() + body).code, 400, body)
        answer = self.make("<script>alert(1)</script>", csrf=csrf)
        self.assertEqual(html.fromstring(answer.text).xpath("//script/@src"), ["/static/copy.js"])
        for wrong in ("", "x"):
            self.assertEqual(self.make("b", csrf=wrong).code, 403)
            self.assertEqual(self.post("/tokens/revoke", f"csrf={wrong}&id=1".encode()).code, 403)
        self.assertEqual(len(self.web.admission.tokens.of_user("raf")), 1)

    def test_revoked(self) -> None:
        self.make("one")
        self.make("two")
        csrf = self.csrf()
        (two, one) = html.fromstring(self.browser.get("/tokens").text).xpath("//input[@name='id']/@value")
        answer = self.browser.post("/tokens/revoke", csrf=csrf, id=one)
        self.assertEqual((answer.code, answer.headers["location"]), (302, "/tokens"))
        self.assertEqual([name for name, *_ in self.shown()], ["two"])
        for id in (one, "", "x", "9" * 30, " 2", "²"):
            self.assertEqual(self.browser.post("/tokens/revoke", csrf=csrf, id=id).code, 404, id)
        ann = self.logged_in("ann")
        self.assertEqual(ann.post("/tokens/revoke", csrf=self.csrf(ann), id=two).code, 404)
        self.assertEqual(self.browser.get("/tokens/revoke").code, 405)

    def test_the_database_is_away(self) -> None:
        self.make("one")
        self.kept.error = Unavailable("away")
        self.assertEqual(self.make("two").code, 503)
        self.assertEqual(self.browser.post("/tokens/revoke", csrf=self.csrf(), id="1").code, 503)
        self.assertEqual([name for name, *_ in self.shown()], ["one"])
