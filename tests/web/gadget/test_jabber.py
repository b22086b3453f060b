"""What the page tells Jabber, which shows it in a tab of its own."""

from tests.web.gadget.boards import anothers, call, manager, me
from tests.web.gadget.browser import GadgetCase, in_browser

JABBER = """
() => {
  window.badges = [];
  window.SetNotificationBadge = (badge) => {
    badges.push(badge);
    document.body.dataset.badges = badges.join(" ");
  };
}
"""


class Badge(GadgetCase):
    """How many calls ring at the own line, on the tab."""

    @in_browser
    def test_badge(self) -> None:
        self.page.evaluate(JABBER)
        self.server.show(me(call("a")), manager(70, "Hans Muster", anothers("r", device="1070")))
        self.page.wait_for_selector('[data-badges="1"]')
        self.server.show(me(call("a"), call("b")))
        self.page.wait_for_selector('[data-badges="1 2"]')
        self.server.show(me(call("a", "active")))
        self.call("b").wait_for(state="detached")
        self.assertEqual(self.page.evaluate("badges"), ["1", "2", ""])
