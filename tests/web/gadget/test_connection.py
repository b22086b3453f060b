"""The socket: numbered changes, a lost connection and catching up, the end of a session, two tabs."""

from tests.web.gadget.boards import call, me, member
from tests.web.gadget.browser import GadgetCase, in_browser


class Connection(GadgetCase):
    """What comes over the socket, and what happens without it."""

    @in_browser
    def test_lost_and_caught_up(self) -> None:
        self.server.show(me(call("a", "active")))
        self.call("a").wait_for()
        self.server.is_away = True
        self.server.drop()
        self.page.wait_for_selector(".lost:visible:has-text('Connection lost')")
        self.call("a").click(button="right")
        self.assertEqual(self.menu(), ["(end)", "(hold)", "(consult)", "(blind)", "(digits)"])
        self.page.keyboard.press("Escape")
        self.assertTrue(self.row(72).locator(".dial").is_disabled())
        n = self.server.n
        # A number that was there already changes nothing.
        old = {"type": "change", "n": n, "members": [], "gone": [71]}
        self.server.missed = [old, self.server.change(me(), member(72, "Raf Sol", call("b", mine=False, can={})))]
        self.server.is_away = False
        # The page may have come back by itself by now, and the button gone.
        self.page.locator(".lost button").dispatch_event("click")
        self.assertEqual(self.server.got("resume"), {"life": "life", "group": 45, "after": n})
        self.call("b").wait_for()
        self.call("a").wait_for(state="detached")
        self.assertEqual(self.row(71).count(), 1)
        self.page.wait_for_selector(".lost", state="hidden")
        self.assertTrue(self.row(72).locator(".dial").is_enabled())

    @in_browser
    def test_no_link_to_the_pbx(self) -> None:
        """It is said, and goes again; nothing else is different."""
        self.server.push({**self.server.change(), "group": {**self.server.group, "linked": False}})
        self.page.wait_for_selector(".lost:visible:has-text('The link to the PBX is down')")
        self.server.push({**self.server.change(), "group": self.server.group})
        self.page.wait_for_selector(".lost", state="hidden")
        self.assertTrue(self.row(72).locator(".dial").is_enabled())

    @in_browser
    def test_notice(self) -> None:
        """What came of a call that was sent on."""
        self.server.push({"type": "notice", "text": "Raf Sol (1072) is busy. You have the call again."})
        self.page.wait_for_selector('.notice.error:has-text("Raf Sol (1072) is busy. You have the call again.")')
        self.page.wait_for_selector('[role="alert"]:has-text("You have the call again.")', state="attached")

    @in_browser
    def test_comes_back_by_itself(self) -> None:
        self.server.life = "another"
        self.server.members = [me()]
        self.server.drop()
        self.assertEqual(self.server.got("resume")["life"], "life")
        self.page.wait_for_selector('.member[data-id="72"]', state="detached")

    @in_browser
    def test_dialog_meanwhile(self) -> None:
        self.server.show(me(call("a", "held")))
        self.call("a").click(button="right")
        self.choose("blind")
        self.server.is_away = True
        self.server.drop()
        self.page.wait_for_selector(".lost:visible")
        self.page.click('dialog .target:has-text("Raf Sol")')
        self.page.wait_for_selector('dialog [role="alert"]:has-text("The connection is lost.")')

    @in_browser
    def test_session_is_over(self) -> None:
        self.server.log_out()
        self.server.bye("session")
        self.page.wait_for_url("**/LogonPage.asp?page=*")
        self.page.fill("[name=user]", "maria.rossi")
        self.page.fill("[name=pwd]", "secret")
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(".member")
        self.assertTrue(self.page.url.endswith("/src/Jabber.asp"), "the login comes back")

    @in_browser
    def test_session_is_over_meanwhile(self) -> None:
        self.server.log_out()
        self.server.drop()
        self.page.wait_for_url("**/LogonPage.asp?page=*")
        self.problems.clear()

    @in_browser
    def test_replaced(self) -> None:
        self.server.bye("replaced")
        self.page.wait_for_selector(".lost:has-text('opened elsewhere')")
        self.page.click("text=Use it here")
        self.assertEqual(self.server.got("resume")["group"], 45)

    @in_browser
    def test_stopping(self) -> None:
        self.server.is_away = True
        self.server.bye("stopping")
        self.page.wait_for_selector(".lost:has-text('restarting')")
        self.server.is_away = False
        self.server.got("resume")

    @in_browser
    def test_another_version(self) -> None:
        self.server.version = "1.2.4"
        with self.page.expect_navigation():
            self.server.drop()
        self.page.wait_for_selector(".member")

    @in_browser
    def test_two_tabs(self) -> None:
        other = self.tab(self.page.context)
        self.open(other)
        self.server.show(me(call("a")))
        for page in (self.page, other):
            page.click('.call[data-id="a"]', button="right")
            page.click('[data-act="answer"]')
            self.assertEqual(self.server.got("answer"), {"call": "a", "device": "1071"})


class Silence(GadgetCase):
    """Nothing comes any more, though nobody has closed the socket."""

    alone = True

    @in_browser
    def test_silence(self) -> None:
        """After a while the page takes another one."""
        self.page.clock.install()
        self.page.reload()
        self.page.wait_for_selector(".member")
        self.server.got("group")
        for _ in range(5):
            self.page.clock.fast_forward(8000)
            self.server.push({"type": "beat"})
            self.server.show(me(call("a", age=0)))
            self.call("a").wait_for()
            self.server.show(me())
            self.call("a").wait_for(state="detached")
        self.assertEqual(self.page.get_attribute("body", "data-connection"), "open")
        self.page.clock.fast_forward(19_000)
        self.assertEqual(self.page.get_attribute("body", "data-connection"), "open")
        self.page.clock.fast_forward(2000)
        self.page.wait_for_selector(".lost:visible:has-text('Connection lost')")
        self.page.clock.fast_forward(2000)
        self.assertEqual(self.server.got("resume")["group"], 45)
        self.page.wait_for_selector(".lost", state="hidden")
