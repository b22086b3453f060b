"""Who has Reports4Eyes alone needs a second user."""

from magroup.model.people import Privilege
from magroup.web.admin.reports.approvals import IDLE
from tests.web.admin.reports.site import ReportsCase
from tests.web.admin.site import Visitor

PATHS = (
    "reports", "reports/choice?kind=count&output=screen&month=2024-08", "reports/job?job=x", "reports/file?job=x",
    "reports/show?kind=count&output=screen&month=2024-08", "reports/graph?kind=count&output=graph&month=2024-08",
)  # fmt: skip


class FourEyes(ReportsCase):
    """The second login."""

    def test_refused(self) -> None:
        for path in PATHS:
            self.assertEqual(self.logged_in(self.other).at(path).code, 403, path)
            answer = self.logged_in(self.one).at(path)
            self.assertTrue(answer.headers["location"].endswith("reports/login"), path)
        self.assertEqual(self.numbers.asked, [])

    def test_let_in(self) -> None:
        browser = self.let_in()
        self.assertIn(self.two, browser.at("reports").text)
        (change,) = [change for change in self.web.kept.audit if change.what == "reports opened"]
        self.assertEqual((change.who, change.key), (self.one, self.two))
        self.assertEqual(self.logged_in(self.one).at("reports").code, 303)

    def test_wrong(self) -> None:
        browser = self.logged_in(self.one)
        for user, pwd, field, words in (
            (self.one, "secret", "user", "This is you"), (self.one.upper(), "secret", "user", "This is you"),
            (f" {self.one} ", "secret", "user", "This is you"), ("", "secret", "user", "Who"),
            (self.two, "x", "pwd", "wrong"), ("nobody", "secret", "pwd", "wrong"),
            (self.other, "secret", "user", "does not have"), ("Maria.Rossi", "secret", "user", "does not have"),
        ):  # fmt: skip
            self.refused(browser.fill("reports/login", user=user, pwd=pwd), **{field: words})
        self.assertEqual(browser.at("reports").code, 303)

    def test_throttled(self) -> None:
        browser = self.logged_in(self.one)
        for _ in range(self.web.settings.accounts.failed_logins_per_hour + 1):
            answer = browser.fill("reports/login", user=self.two, pwd="x")
        self.assertIn("Too many failed logins", answer.text)
        self.assertIn("Too many", browser.fill("reports/login", user=self.two, pwd="secret").text)

    def test_ends(self) -> None:
        browser = self.let_in()
        self.web.clock.advance(IDLE - 1)
        self.assertEqual(browser.at("reports").code, 200)
        self.web.clock.advance(IDLE)
        self.assertEqual(browser.at("reports").code, 303)

    def test_closed(self) -> None:
        browser = self.let_in()
        self.gone_to(browser.fill("reports"))
        self.assertEqual(browser.at("reports").code, 303)

    def test_new_login(self) -> None:
        browser = self.let_in()
        browser.post("/LogonPage.asp", user=self.one, pwd="secret")
        self.assertEqual(browser.at("reports").code, 303)

    def test_second_loses_privilege(self) -> None:
        browser = self.let_in()
        self.web.reporting.approvals.begin(browser.hidden_token(), self.other, "")
        self.assertEqual(browser.at("reports").code, 303)

    def let_in(self) -> "TokenVisitor":
        browser = TokenVisitor(self.web)
        browser.post("/LogonPage.asp", user=self.one, pwd="secret")
        self.gone_to(browser.fill("reports/login", user=self.two, pwd="secret"))
        self.assertIn(Privilege.REPORTS_4_EYES, self.web.current.value.user(self.two).privileges)  # type: ignore[union-attr]
        return browser


class TokenVisitor(Visitor):
    """A visitor whose form token is looked at."""

    def hidden_token(self) -> str:
        return str(self.page("reports").xpath("//input[@name='csrf']/@value")[0])
