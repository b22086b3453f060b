"""Transfers: by menu, by drag and drop, consultations; hold first, and back to the caller."""

from tests.web.gadget.boards import call, manager, me, member
from tests.web.gadget.browser import GadgetCase, in_browser

CALL = {"call": "a", "device": "1071"}


class Dialog(GadgetCase):
    """The dialog that a menu opens."""

    def ask(self, state: str, command: str) -> None:
        self.server.show(me(call("a", state, "Peter Keller", "0445551212")))
        self.page.wait_for_selector(f'.call[data-state="{state}"]')
        self.call("a").click(button="right")
        self.choose(command)
        self.page.wait_for_selector("dialog")

    def gone(self) -> None:
        self.page.wait_for_selector("dialog", state="detached")

    @in_browser
    def test_hold_first_then_choose(self) -> None:
        self.ask("active", "consult")
        self.assertEqual(self.server.got("hold"), CALL)
        self.server.show(me(call("a", "held", "Peter Keller", age=3600)))
        self.page.wait_for_selector('.caller-line:has-text("On hold") .time:has-text("1:00:")')
        raf = self.page.locator('dialog .target:has-text("Raf Sol")').first
        self.assertEqual(raf.inner_text().replace("\n", " "), "RS Raf Sol 1072 Available Idle")
        raf.click()
        self.assertEqual(self.server.got("consult"), {**CALL, "to": {"member": 72}})
        self.gone()

    @in_browser
    def test_cancel_returns_to_the_caller(self) -> None:
        for end in ("Cancel", "Escape"):
            self.ask("active", "consult")
            self.server.got("hold")
            self.page.keyboard.press("Escape") if end == "Escape" else self.page.click("dialog >> text=Cancel")
            self.assertEqual(self.server.got("retrieve"), CALL)
            self.gone()
            focused = self.page.evaluate("document.activeElement.dataset.id")
            self.assertEqual(focused, "a", "the focus comes back to the call")

    @in_browser
    def test_held_before(self) -> None:
        self.ask("held", "blind")
        self.page.keyboard.press("Escape")
        self.gone()
        self.ask("held", "blind")
        self.page.keyboard.type("4321")
        self.page.keyboard.press("Enter")
        self.assertEqual(self.server.got("blind"), {**CALL, "to": {"number": "4321"}})
        self.assertTrue(self.server.commands.empty(), "it stays held, nothing is retrieved")

    @in_browser
    def test_search(self) -> None:
        found = [{"name": "Nina Frei", "number": "+41 44 5566", "picture": ""}, {"name": "Hans", "number": "1070"}]
        self.server.answers["search"] = lambda _: {"found": found}
        self.ask("ringing", "blind")
        self.page.keyboard.type("ni")
        self.page.click('dialog .target:has-text("Nina Frei")')
        self.assertEqual(self.server.got("search"), {"text": "ni"})
        self.assertEqual(self.server.got("blind"), {**CALL, "to": {"number": "+41 44 5566"}})

    @in_browser
    def test_names_without_accents(self) -> None:
        self.server.show(member(74, "Léonard Saligny"))
        self.ask("ringing", "blind")
        self.page.keyboard.type("salig leo")
        self.page.click('dialog .target:has-text("Léonard Saligny")')
        self.assertEqual(self.server.got("blind"), {**CALL, "to": {"member": 74}})

    @in_browser
    def test_voicemail_is_always_blind(self) -> None:
        self.server.show(member(73, "Ara Dink", targets={"mobile": False, "voicemail": False}))
        self.ask("active", "consult")
        self.assertEqual(self.page.locator('dialog [aria-label="Voicemail of Ara Dink"]').count(), 0)
        self.page.click('dialog [aria-label="Voicemail of Raf Sol"]')
        self.assertEqual(self.server.got("blind"), {**CALL, "to": {"voicemail": 72}})

    @in_browser
    def test_refused(self) -> None:
        self.server.refuse("consult", "Raf Sol is busy.", "busy")
        self.ask("active", "consult")
        self.page.click('dialog .target:has-text("Raf Sol")')
        self.page.wait_for_selector('dialog [role="alert"]:has-text("Raf Sol is busy.")')
        self.page.keyboard.press("Escape")
        self.assertEqual(self.server.got("retrieve"), CALL)

    @in_browser
    def test_the_caller_hangs_up(self) -> None:
        self.ask("active", "consult")
        self.server.got("hold")
        self.server.show(me())
        self.page.wait_for_selector('.notice:has-text("This call is over.")')
        self.gone()
        self.assertTrue(self.server.commands.empty())


class Consultation(GadgetCase):
    """The bar with Complete and Cancel."""

    @in_browser
    def test_complete_and_cancel(self) -> None:
        held = call("a", "held", "Peter Keller")
        can = {"complete": "Nobody has answered yet.", "cancel": "", "end": ""}
        asked = call("c", "calling", "Raf Sol", direction="out", consulting="a", can=can)
        self.server.show(me(held, asked))
        bar = self.page.locator(".consultation")
        self.page.wait_for_selector('.consultation:has-text("Calling Raf Sol. Peter Keller is on hold.")')
        complete = bar.locator("button").first
        self.assertEqual(complete.get_attribute("title"), "Nobody has answered yet.")
        complete.click(force=True)
        self.server.show(me(held, {**asked, "state": "active", "can": {**can, "complete": ""}}))
        self.page.wait_for_selector('.consultation:has-text("You are speaking with Raf Sol.")')
        for name in ("Complete transfer", "Cancel"):
            bar.get_by_text(name).click()
        self.assertEqual(self.server.got("complete"), {"call": "c", "device": "1071"})
        self.assertEqual(self.server.got("cancel"), {"call": "c", "device": "1071"})
        self.server.show(me(call("a", "active", "Peter Keller")))
        self.page.wait_for_selector(".consultation", state="hidden")


class Drag(GadgetCase):
    """Calls drawn onto members."""

    def drag(self, id: int, release: bool = True) -> None:
        block, row = self.call("a").bounding_box(), self.row(id).bounding_box()
        mouse = self.page.mouse
        mouse.move(block["x"] + 30, block["y"] + 20)
        mouse.down()
        mouse.move(block["x"], block["y"] + 40, steps=2)
        mouse.move(row["x"] + 300, row["y"] + row["height"] / 2, steps=3)
        if release:
            mouse.up()

    @in_browser
    def test_ringing(self) -> None:
        self.server.show(me(call("a")))
        self.call("a").wait_for()
        self.drag(72, release=False)
        self.assertEqual(self.page.inner_text(".ghost > .words"), "Blind transfer to Raf Sol")
        self.assertEqual(self.row(72).get_attribute("data-over"), "true")
        self.page.mouse.up()
        self.assertEqual(self.server.got("blind"), {**CALL, "to": {"member": 72}})
        self.assertEqual(self.page.locator(".ghost, .menu, dialog").count(), 0)

    @in_browser
    def test_active(self) -> None:
        self.server.show(me(call("a", "active", "Peter Keller")))
        for name, command, to in (
            ("Consultation transfer", "consult", {"member": 70}), ("Blind transfer", "blind", {"member": 70}),
            ("Voicemail", "blind", {"voicemail": 70}),
        ):  # fmt: skip
            self.call("a").wait_for()
            self.drag(70)
            self.assertEqual(self.server.got("hold"), CALL)
            self.page.locator("dialog").get_by_role("button", name=name, exact=True).click()
            self.assertEqual(self.server.got(command), {**CALL, "to": to})
            self.page.wait_for_selector("dialog", state="detached")
        self.drag(70)
        self.page.wait_for_selector('dialog h2:has-text("Transfer to Hans Muster")')
        self.page.click("dialog >> text=Cancel")
        self.assertEqual(self.server.got("retrieve"), CALL)

    @in_browser
    def test_with_ctrl(self) -> None:
        self.server.show(me(call("a", "active")))
        self.call("a").wait_for()
        self.page.keyboard.down("Control")
        self.drag(72)
        self.page.keyboard.up("Control")
        self.assertEqual(self.server.commands.get(timeout=20), {"do": "blind", **CALL, "to": {"member": 72}})

    @in_browser
    def test_nothing_happens(self) -> None:
        others = call("a", "active", mine=False, can={}, device="1070")
        self.server.show(me(), manager(70, "Hans Muster", others))
        self.call("a").wait_for()
        self.drag(72)
        self.assertEqual(self.page.locator(".ghost").count(), 0, "calls of others are not dragged")
        self.server.show(me(call("a", "active")), manager(70, "Hans Muster"))
        self.page.wait_for_selector('.call[data-id="a"][data-mine]')
        self.drag(72, release=False)
        self.page.keyboard.press("Escape")
        self.page.mouse.up()
        self.drag(71)
        self.assertEqual(self.page.locator(".ghost, dialog, .menu").count(), 0)
        self.assertTrue(self.server.commands.empty())
