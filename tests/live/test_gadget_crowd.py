"""Forty members and ten calls at one of them, in real browsers: all of it can be seen, and steered."""

from playwright.sync_api import Page

from tests.live.gadgets import ASSISTANT, CALLER, MANAGER, OTHER, GadgetCase
from tests.live.phones import Caller, Desk

CALLS = 10
WIDTHS = (1280, 480, 320)
COVERED = """
async () => {
  // Calls slide in, also where another width shows them in another place.
  await Promise.all(document.getAnimations().map(one => one.finished.catch(() => null)));
  const seen = node => node.getBoundingClientRect();
  const beside = (a, b) => a.right <= b.left + 1 || a.bottom <= b.top + 1;
  const apart = (a, b) => beside(a, b) || beside(b, a);
  const found = [];
  for (const time of document.querySelectorAll(".call .time"))
    if (seen(time).right > seen(time.parentElement).right + 1) found.push("how long is cut off");
  for (const row of document.querySelectorAll(".member")) {
    const parts = [...row.querySelectorAll(".about, .call, .handset, .presence")].filter(node => seen(node).width);
    parts.forEach((one, at) => {
      const [box, outer] = [seen(one), seen(row)];
      if (box.left < 0 || box.right > innerWidth || box.top < outer.top - 1 || box.bottom > outer.bottom + 1)
        found.push(`${one.className} sticks out`);
      for (const other of parts.slice(at + 1))
        if (!apart(box, seen(other))) found.push(`${one.className} and ${other.className}`);
    });
    const next = row.nextElementSibling;
    if (next && !apart(seen(row), seen(next))) found.push("rows");
  }
  return [...new Set(found)];
}
"""


class Crowd(GadgetCase):
    """The manager's phone is SIPp, and takes ten calls at once."""

    people = (MANAGER, ASSISTANT, OTHER, *(str(number) for number in range(1301, 1338)))
    numbers = ()

    async def test_ten_calls(self) -> None:
        """Nothing covers anything, wide or narrow; each call is ended by its own menu."""
        manager = self.manager
        desk = await Desk(self.whole, MANAGER, "uas", ring=0.1, calls=CALLS).start()
        crowd = await Caller(self.whole, service=MANAGER, caller=CALLER, calls=CALLS, rate=50).call()
        for page in (manager.page, self.assistant.page):
            await self.browse(
                lambda page=page: page.locator('.call[data-state="active"]').nth(CALLS - 1).wait_for(),
                lambda page=page: self.assertEqual(page.locator(".member").count(), 40),
                lambda page=page: self.look(page),
            )  # fmt: skip

        def end_all() -> None:
            blocks = manager.row(MANAGER).locator(".call")
            for left in reversed(range(CALLS)):
                gone = blocks.first.get_attribute("data-id")
                manager.menu(blocks.first, "end")
                manager.page.wait_for_selector(f'.call[data-id="{gone}"]', state="detached")
                self.assertEqual(blocks.count(), left)

        await self.browse(end_all)
        await crowd.finished()
        await desk.sipp.finished()
        await self.over()

    def look(self, page: Page) -> None:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 700})
            self.assertEqual(page.evaluate(COVERED), [], width)
            self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), width)
