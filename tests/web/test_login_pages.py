"""Logging in and out on the web, and another password, as a browser does it."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.people import Privilege
from magroup.model.settings import AccountsSettings, HttpSettings, Settings
from magroup.model.unavailable import Unavailable
from tests.web.admission.kit import Kept, user
from tests.web.connection import Answer, Browser, Web

LOGIN = "/LogonPage.asp"
HOME = "/Applications/inbound/MA%20Group/"
USERS = (user("Raf", Privilege.GROUPS), user("Ünï&Co", password="ünïcode", id=2))


class LoginCase(SynchronousTestCase):
    """Two users and a browser."""

    def setUp(self) -> None:
        self.kept = Kept(Configuration(users=USERS))
        self.web = Web(kept=self.kept, address="198.51.100.7")
        self.browser = Browser(self.web)

    def log_in(self, name: str = "raf", password: str = "secret", **fields: str) -> Answer:
        return self.browser.post(LOGIN, user=name, pwd=password, **fields)

    def viewer(self) -> str:
        """Whose name the pages show."""
        (name,) = html.fromstring(self.browser.get(HOME).text).xpath("//a[@class='viewer']/text()")
        return "" if name == "Log in" else str(name)

    def alert(self, answer: Answer) -> str:
        (text,) = html.fromstring(answer.text).xpath("//*[@role='alert']/text()")
        return str(text)


class Form(LoginCase):
    """The login form."""

    def test_it_can_be_used_by_everybody(self) -> None:
        page = html.fromstring(self.browser.get(f"{LOGIN}?page=/help/&user=raf").text)
        (form,) = page.xpath("//form")
        self.assertEqual((form.get("method"), form.get("action")), ("post", LOGIN))
        for field in form.xpath(".//input[not(@type='hidden')]"):
            self.assertTrue(field.getparent().tag == "label" and field.getparent().text.strip())
        self.assertEqual(form.fields["page"], "/help/")
        self.assertEqual(form.fields["user"], "raf")
        self.assertEqual(form.xpath(".//input[@name='pwd']/@autocomplete"), ["current-password"])
        self.assertEqual(page.xpath("//script"), [])

    def test_log_in(self) -> None:
        answer = self.log_in()
        self.assertEqual((answer.code, answer.headers["location"], self.viewer()), (302, HOME, "Raf"))
        self.assertEqual(answer.headers["cache-control"], "no-store")
        self.assertEqual(self.kept.told, [("Raf", "login", "Raf")])
        self.assertEqual((self.kept.audit[0].where, self.kept.audit[0].new), ("198.51.100.7", '{"how": "form"}'))

    def test_other_names(self) -> None:
        self.log_in("üNÏ&co", "ünïcode")
        self.assertEqual(self.viewer(), "Ünï&Co")

    def test_page(self) -> None:
        for page, location in (
            ("/help/settings?a=b", "/help/settings?a=b"), ("/Applications/inbound/x y", "/Applications/inbound/x%20y"),
            ("//evil.example", HOME), ("http://evil.example", HOME), ("/\\evil.example", HOME), ("", HOME),
            (LOGIN, HOME), ("/a\r\nX: y", HOME),
        ):  # fmt: skip
            self.assertEqual(self.log_in(page=page).headers["location"], location, page)

    def test_wrong(self) -> None:
        for name, password in (("raf", "Secret"), ("nobody", "secret"), ("", ""), ("raf", ""), ("x" * 300, "x")):
            answer = self.log_in(name, password, page="/help/")
            self.assertEqual((answer.code, self.alert(answer)), (403, "User name or password is wrong."))
            self.assertEqual(html.fromstring(answer.text).xpath("//form")[0].fields["page"], "/help/")
            self.assertNotIn("set-cookie", answer.headers)
        self.assertEqual(self.viewer(), "")
        self.assertNotIn("Secret", answer.text)

    def test_throttled(self) -> None:
        self.web.admission.apply(Settings(instance="MA Group", http=HttpSettings(failed_logins_per_hour=2)))
        for _ in range(2):
            self.log_in(password="wrong")
        answer = self.log_in()
        self.assertEqual((answer.code, answer.headers["retry-after"]), (429, "3600"))
        self.assertIn("Too many failed logins", self.alert(answer))

    def test_bad_fields(self) -> None:
        for body in (b"user=%ff&pwd=x", b"user=a&user=b&pwd=x", b"user=a%00&pwd=x", b"user=a&pwd=" + b"x" * 2000,
                     b"a&" * 200, b"user=" + b"x" * 70_000):
            answer = self.web.ask(LOGIN, "POST", body, **{"Content-Type": "application/x-www-form-urlencoded"})
            self.assertEqual(answer.code, 400, body)

    def test_forms_of_other_sites(self) -> None:
        for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            self.browser.headers = headers
            self.assertEqual(self.log_in().code, 403)
        self.browser.headers = {"Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"}
        self.assertEqual(self.log_in().code, 302)

    def test_text_is_escaped(self) -> None:
        by_address = self.browser.get(f"{LOGIN}?user=%22%3E%3Cscript%3E&page=/%22%3E")
        for answer in (self.log_in("'\"><script>", "x"), by_address):
            self.assertNotIn("<script", answer.text)

    @given(st.dictionaries(st.sampled_from(("user", "pwd", "page")), st.text(max_size=30)))
    def test_any(self, fields: dict[str, str]) -> None:
        self.web.admission.apply(Settings(instance="MA Group", http=HttpSettings(failed_logins_per_hour=10**6)))
        try:
            answer = Browser(self.web).post(LOGIN, **fields)
        except UnicodeEncodeError:
            return
        self.assertIn(answer.code, (302, 400, 403, 429))


class ByAddress(LoginCase):
    """The auto login of Jabber and COC."""

    URL = f"{LOGIN}?page=/Applications/inbound/MA%20Group/src/Jabber.asp&user=raf&pwd=secret"

    def test_log_in(self) -> None:
        for url in (self.URL, self.URL.replace(LOGIN, LOGIN.lower()), self.URL.replace(LOGIN, LOGIN.upper())):
            self.browser = Browser(self.web)
            answer = self.browser.get(url)
            self.assertEqual(answer.code, 302, url)
            self.assertTrue(answer.headers["location"].endswith("/src/Jabber.asp"))
            self.assertEqual(self.viewer(), "Raf")
        self.assertEqual(self.kept.audit[0].new, '{"how": "address"}')

    def test_from_a_page_of_another_site(self) -> None:
        self.browser.headers = {"Sec-Fetch-Site": "cross-site"}
        self.assertEqual(self.browser.get(self.URL).code, 302)

    def test_wrong(self) -> None:
        answer = self.browser.get(self.URL.replace("secret", "wrong"))
        self.assertEqual((answer.code, self.alert(answer)), (403, "User name or password is wrong."))
        self.assertNotIn("wrong&", answer.text)

    def test_never_in_a_referer_or_in_the_log(self) -> None:
        with capturedLogs() as events:
            answer = self.browser.get(self.URL)
        self.assertEqual(answer.headers["referrer-policy"], "strict-origin")
        self.assertEqual(len(events), 2)
        self.assertNotIn("secret", repr(events))

    def test_head_logs_nobody_in(self) -> None:
        answer = self.web.ask(self.URL, "HEAD")
        self.assertEqual((answer.code, answer.headers.get("set-cookie"), self.kept.sessions), (200, None, {}))

    def test_switched_off(self) -> None:
        settings = Settings(instance="MA Group", accounts=AccountsSettings(login_by_address=False))
        self.web.admission.apply(settings)
        answer = self.browser.get(self.URL)
        self.assertEqual((answer.code, self.kept.sessions), (200, {}))
        self.assertEqual(html.fromstring(answer.text).xpath("//form")[0].fields["user"], "raf")

    def test_instead_of_who_was_logged_in(self) -> None:
        self.log_in("ünï&co", "ünïcode")
        self.browser.get(self.URL)
        self.assertEqual((self.viewer(), len(self.kept.sessions)), ("Raf", 1))

    def test_not_by_a_page_of_another_site(self) -> None:
        """Nobody is made to work in somebody else's name without seeing it."""
        self.log_in("ünï&co", "ünïcode")
        for headers in (
            {"Sec-Fetch-Site": "cross-site"}, {"Referer": "http://evil.example/"}, {"Origin": "http://evil.example"},
        ):  # fmt: skip
            self.browser.headers = headers
            answer = self.browser.get(self.URL)
            (form,) = html.fromstring(answer.text).xpath("//form[@method='post']")
            self.assertEqual((answer.code, form.fields["user"]), (200, "raf"))
            self.assertTrue(form.fields["page"].endswith("/src/Jabber.asp"))
            self.assertNotIn("secret", answer.text)
            self.assertEqual((self.viewer(), len(self.kept.sessions)), ("Ünï&Co", 1))

    def test_again_by_a_page_of_another_site(self) -> None:
        """As a portal does with a link, each time: it is the same person."""
        self.browser.headers = {"Sec-Fetch-Site": "cross-site"}
        for _ in range(2):
            self.assertEqual(self.browser.get(self.URL).code, 302)
            self.assertEqual((self.viewer(), len(self.kept.sessions)), ("Raf", 1))

    def test_in_a_frame(self) -> None:
        self.assertIn("frame-ancestors 'none'", self.browser.get(LOGIN).headers["content-security-policy"])
        settings = Settings(instance="MA Group", http=HttpSettings(framed_by=("https://*.webex.com",)))
        self.web.admission.apply(settings)
        answer = self.browser.get(LOGIN)
        self.assertIn("frame-ancestors 'self' https://*.webex.com", answer.headers["content-security-policy"])
        self.assertNotIn("x-frame-options", answer.headers)
        self.assertEqual(self.browser.get("/password").headers["x-frame-options"], "DENY")


class LoggedIn(LoginCase):
    """What there is for who is logged in."""

    def setUp(self) -> None:
        super().setUp()
        self.log_in()

    def test_account(self) -> None:
        page = html.fromstring(self.browser.get(LOGIN).text)
        self.assertEqual(page.xpath("//main//strong/text()"), ["Raf"])
        self.assertEqual(page.xpath("//form/@action"), ["/logout"])

    def test_straight_on(self) -> None:
        answer = self.browser.get(f"{LOGIN}?page=/help/")
        self.assertEqual((answer.code, answer.headers["location"]), (302, "/help/"))

    def test_log_out(self) -> None:
        session = dict(self.browser.cookies)
        answer = self.browser.post("/logout", csrf=self.browser.hidden(LOGIN, "csrf"))
        self.assertEqual((answer.code, answer.headers["location"], self.browser.cookies), (302, LOGIN, {}))
        self.browser.cookies = session
        self.assertEqual((self.viewer(), self.kept.sessions), ("", {}))
        self.assertEqual(self.kept.told[-1], ("Raf", "logout", "Raf"))

    def test_log_out_by_another_site(self) -> None:
        self.assertEqual(self.browser.post("/logout").code, 403)
        csrf = self.browser.hidden(LOGIN, "csrf")
        self.browser.headers = {"Origin": "http://evil.example"}
        self.assertEqual(self.browser.post("/logout", csrf=csrf).code, 403)
        self.assertEqual(self.browser.get("/logout").code, 405)
        self.assertEqual(self.viewer(), "Raf")

    def test_log_out_without_a_session(self) -> None:
        self.assertEqual(Browser(self.web).post("/logout").headers["location"], LOGIN)

    def test_idle(self) -> None:
        self.web.clock.advance(self.web.settings.accounts.session_idle)
        self.assertEqual(self.viewer(), "")

    def test_new_id_at_each_login(self) -> None:
        before = dict(self.browser.cookies)
        self.log_in()
        self.assertNotEqual(self.browser.cookies, before)
        self.assertEqual(len(self.kept.sessions), 1)

    def test_over_a_trusted_proxy(self) -> None:
        web = Web(kept=self.kept, http=HttpSettings(trusted_proxies=("10.0.0.1",)), address="10.0.0.1")
        browser = Browser(web, {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.5"})
        answer = browser.post(LOGIN, user="raf", pwd="secret")
        self.assertIn("; Secure", answer.headers["set-cookie"])
        self.assertEqual(self.kept.audit[-1].where, "203.0.113.5")


class Password(LoginCase):
    """Another password."""

    NEW = "Correct Horse"

    def setUp(self) -> None:
        super().setUp()
        self.log_in()

    def change(self, **fields: Any) -> Answer:
        given = {"old": "secret", "new": self.NEW, "again": self.NEW, "csrf": self.browser.hidden("/password", "csrf")}
        return self.browser.post("/password", **{**given, **fields})

    def test_needs_a_login(self) -> None:
        for answer in (Browser(self.web).get("/password"), Browser(self.web).post("/password", old="secret")):
            self.assertEqual(answer.code, 302)
            self.assertTrue(answer.headers["location"].startswith(LOGIN))

    def test_change(self) -> None:
        other = Browser(self.web)
        other.post(LOGIN, user="raf", pwd="secret")
        before = dict(self.browser.cookies)
        answer = self.change()
        self.assertEqual((answer.code, html.fromstring(answer.text).xpath("//h1/text()")), (200, ["Password changed"]))
        self.assertNotEqual(self.browser.cookies, before)
        self.assertEqual(self.viewer(), "Raf")
        self.assertEqual(other.get("/password").code, 302, "other browsers are logged out")
        self.assertEqual(self.log_in().code, 403)
        self.assertEqual(self.log_in(password=self.NEW).code, 302)
        change = next(change for change in self.kept.audit if change.what == "password")
        self.assertEqual((change.who, change.key, change.old, change.new), ("Raf", "Raf", "", ""))

    def test_refused(self) -> None:
        for fields, code, words in (
            ({"old": "wrong"}, 403, "The old password is wrong."),
            ({"again": "another one"}, 422, "The two new passwords differ."),
            ({"new": "short", "again": "short"}, 422, "The new password needs at least 8 characters."),
            ({"new": "raf" * 3, "again": "rafrafraf", "old": "rafrafraf"}, 422, "The new password is the old one."),
        ):
            answer = self.change(**fields)
            self.assertEqual((answer.code, self.alert(answer)), (code, words))
        self.assertEqual(self.change(csrf="x").code, 403)
        self.assertEqual(self.kept.configuration.users, USERS)

    def test_guesses_are_throttled(self) -> None:
        self.web.admission.apply(Settings(instance="MA Group", http=HttpSettings(failed_logins_per_hour=2)))
        for _ in range(2):
            self.assertEqual(self.change(old="wrong").code, 403)
        answer = self.change()
        self.assertEqual((answer.code, answer.headers["retry-after"]), (429, "3600"))

    def test_changed_meanwhile(self) -> None:
        kept = self.kept

        async def nobodys(*_: object) -> bool:
            return False

        self.patch(kept, "set_password", nobodys)
        self.assertEqual(self.change().code, 409)

    def test_without_a_database(self) -> None:
        self.kept.error = Unavailable("the disk is gone")
        with capturedLogs() as events:
            answer = self.change()
        self.assertEqual((answer.code, answer.headers["retry-after"]), (503, "10"))
        self.assertNotIn("the disk is gone", answer.text)
        self.assertIn("the disk is gone", [event.get("reason") for event in events])
        self.assertEqual(self.viewer(), "Raf")

    def test_user_gone_meanwhile(self) -> None:
        csrf = self.browser.hidden("/password", "csrf")
        self.kept.configuration = replace(self.kept.configuration, users=USERS[1:])
        self.assertEqual(self.browser.post("/password", old="secret", new="x", again="x", csrf=csrf).code, 302)
