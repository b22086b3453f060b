"""Calls on the page: their blocks, their menus, commands."""

from tests.web.gadget.boards import anothers, call, me, member
from tests.web.gadget.browser import GadgetCase, in_browser


class Menus(GadgetCase):
    """The menu of each state, and what its entries send."""

    @in_browser
    def test_menu_of_each_state(self) -> None:
        for state, entries in (
            ("ringing", ["answer", "end", "blind"]),
            ("active", ["end", "hold", "consult", "blind", "digits"]),
            ("held", ["end", "retrieve", "consult", "blind"]),
            ("calling", ["end"]),
        ):
            self.server.show(me(call("a", state)))
            self.page.wait_for_selector(f'.call[data-id="a"][data-state="{state}"]')
            self.call("a").click(button="right")
            self.assertEqual(self.menu(), entries, state)
            self.page.keyboard.press("Escape")
