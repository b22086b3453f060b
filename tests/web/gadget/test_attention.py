"""Ringing: tone, title, notification, and what screen readers are told."""

from tests.web.gadget.boards import anothers, call, manager, me
from tests.web.gadget.browser import GadgetCase, in_browser

PLAYING = "audio[data-ringtone]"


class Attention(GadgetCase):
    """A page that somebody has used, so that the browser lets it play."""

    def plays(self) -> str:
        """What is being played."""
        playing = self.page.eval_on_selector(PLAYING, "one => one.paused ? '' : new URL(one.src).pathname")
        return str(playing)

    def wait_for_title(self, words: str) -> None:
        self.page.evaluate(
            "words => new Promise(done => { const look = () => document.title === words && done();"
            " new MutationObserver(look).observe(document.head, {childList: true, subtree: true}); look(); })",
            words,
        )

    def wait_for_tone(self, tone: str) -> None:
        self.page.wait_for_selector(f'{PLAYING}[src*="{tone}"]', state="attached")
        self.page.eval_on_selector(PLAYING, "one => one.paused && new Promise(on => { one.onplaying = on })")

    @in_browser
    def test_own_call(self) -> None:
        self.page.click("h1")
        self.server.show(me(call("a", name="Peter Keller")))
        self.wait_for_tone("assistant")
        self.assertTrue(self.page.eval_on_selector(PLAYING, "one => one.loop"))
        self.wait_for_title("☎ Peter Keller is calling")
        self.wait_for_title("Accounting – MAGroup")
        self.page.wait_for_selector('[role="alert"]:has-text("Maria Rossi: Call from Peter Keller")', state="attached")
        self.server.show(me(call("a", "active")))
        self.page.wait_for_selector('.call[data-state="active"]')
        self.assertEqual(self.plays(), "")
        self.assertEqual(self.page.title(), "Accounting – MAGroup")

    @in_browser
    def test_call_of_the_manager(self) -> None:
        self.page.click("h1")
        self.server.show(manager(70, "Hans Muster", anothers("r")))
        self.wait_for_tone("manager")
        self.assertFalse(self.page.eval_on_selector(PLAYING, "one => one.loop"), "once")
        self.page.wait_for_selector('[role="status"]:has-text("Hans Muster: Call from")', state="attached")
        self.assertEqual(self.page.title(), "Accounting – MAGroup")

    @in_browser
    def test_switched_off(self) -> None:
        self.page.click(".sound")
        while self.page.get_attribute(".sound", "data-state") != "off":
            self.page.click(".sound")
        self.server.show(me(call("a")))
        self.call("a").wait_for()
        self.assertEqual(self.plays(), "")
        self.page.reload()
        self.page.wait_for_selector('.sound[data-state="off"]')

    @in_browser
    def test_notification(self) -> None:
        self.page.add_init_script(
            "window.shown = []; window.Notification = class { static permission = 'default';"
            " static async requestPermission() { Notification.permission = 'granted'; }"
            " constructor(title, more) { shown.push([title, more.body]); } close() { shown.push(['closed', '']); } };"
        )
        self.page.reload()
        # Until the server has answered nothing of it can be chosen.
        self.page.wait_for_selector(".member")
        self.page.click('[data-name="more"]')
        self.assertEqual(self.menu(), ["notifications", "en", "de", "fr", "account"])
        self.choose("notifications")
        self.server.show(me(call("a", name="Peter Keller", number="0445551212")))
        self.call("a").wait_for()
        self.server.show(me())
        self.call("a").wait_for(state="detached")
        expected = [["Incoming call", "Peter Keller\n0445551212"], ["closed", ""]]
        self.assertEqual(self.page.evaluate("window.shown"), expected)


class Blocked(GadgetCase):
    """A browser that wants a press before it plays."""

    @in_browser
    def test_button(self) -> None:
        self.page.wait_for_selector(".sound:has-text('Sound on')")
        self.server.show(me(call("a")))
        self.call("a").wait_for()
        self.page.click(".sound")
        self.page.wait_for_selector('.sound[data-state="on"]')
        self.page.eval_on_selector(PLAYING, "one => one.paused && new Promise(on => { one.onplaying = on })")
        self.page.click(".sound")
        self.page.wait_for_selector('.sound[data-state="off"]')
