"""Calls on the page: what their blocks show, their menus, and the commands that are sent."""

from tests.web.gadget.boards import anothers, call, hidden, manager, me, member
from tests.web.gadget.browser import GadgetCase, in_browser


class Blocks(GadgetCase):
    """What is seen of a call."""

    @in_browser
    def test_contents(self) -> None:
        vip = {"level": 3, "why": "on the VIP list"}
        self.server.show(
            me(
                call("a", "active", "Peter Keller", "0445551212", age=197, vip=vip),
                call("b", number="0791234567", age=12),
            ),
            member(72, "Raf Sol", hidden("h"), anothers("o", "calling", number="4321", direction="out")),
        )  # fmt: skip
        block = self.call("a")
        self.assertRegex(" ".join(block.inner_text().split()), r"^PK Peter Keller 0445551212 Active 3:[12]\d$")
        self.assertEqual(block.get_attribute("title"), "VIP level 3: on the VIP list")
        label = "Call from Peter Keller, 0445551212, Active, VIP level 3: on the VIP list"
        self.assertEqual(block.get_attribute("aria-label"), label)
        self.assertTrue(block.locator(".vip").is_visible())
        self.assertEqual(self.call("b").locator(".name").inner_text(), "0791234567")
        self.assertFalse(self.call("b").locator(".portrait").is_visible())
        before = self.call("b").locator(".time").inner_text()
        self.page.wait_for_selector(f'.call[data-id="b"] .time:not(:text-is("{before}"))')
        boxes = [self.call(id).bounding_box()["x"] for id in ("a", "b")]
        self.assertLess(*boxes, "the newest is on the very right")
        self.assertEqual(self.call("h").inner_text().split(), ["Call", "Active"])
        self.assertEqual(self.call("h").get_attribute("aria-label"), "Call, Active")
        self.assertEqual(self.call("o").get_attribute("aria-label"), "Call to 4321, Calling")

    @in_browser
    def test_vip_without_stars(self) -> None:
        """There is no level then."""
        self.server.show(
            me(
                call("a", vip={"level": 0, "why": "VIP by list entry 079!"}), call("b", vip={"level": 0, "why": ""}),
                call("c", vip={"level": 5, "why": ""}),
            )
        )  # fmt: skip
        for id, words in (("a", "VIP by list entry 079!"), ("b", "VIP"), ("c", "VIP level 5")):
            self.assertEqual(self.call(id).get_attribute("title"), words)
            self.assertTrue(self.call(id).locator(".vip").is_visible())

    @in_browser
    def test_colours(self) -> None:
        self.server.show(me(call("a", "active"), call("b", "ringing")))
        red, yellow = (self.call(id).evaluate("one => getComputedStyle(one).backgroundColor") for id in ("a", "b"))
        self.assertEqual((red, yellow), ("rgb(250, 212, 207)", "rgb(255, 227, 138)"))

    @in_browser
    def test_text_stays_text(self) -> None:
        evil = '<img src=x onerror="document.title=1"><b>x'
        self.server.show(member(72, evil, call("a", name=evil, number=evil, mine=False, can={}), department=evil))
        self.assertEqual(self.call("a").locator(".name").inner_text(), evil)
        self.assertEqual(self.row(72).locator("b, img").count(), 0)

    @in_browser
    def test_line_states(self) -> None:
        for line, word in (("idle", "Idle"), ("ringing", "Ringing"), ("busy", "In call"), ("held", "On hold"),
                           ("out_of_service", "No line")):
            self.server.show(member(72, "Raf Sol", line=line))
            self.page.wait_for_selector(f'.member[data-id="72"][data-line="{line}"]')
            self.assertEqual(self.row(72).locator(".line-word").inner_text(), word)
            self.assertEqual(self.row(72).locator(f".handset .icon-{line}").count(), 1)
        self.assertFalse(self.row(72).locator(".dial").is_visible(), "nobody is called whose line is out of service")


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
            for name in set(entries) - {"consult", "blind", "digits"}:
                self.call("a").click(button="right")
                self.choose(name)
                self.assertEqual(self.server.got(name), {"call": "a", "device": "1071"})

    @in_browser
    def test_impossible(self) -> None:
        reason = "This phone cannot be made to answer."
        self.server.show(me(call("a", can={"answer": reason, "end": ""})))
        self.call("a").click()
        self.assertEqual(self.menu(), ["(answer)", "end"])
        entry = self.page.locator('.menu [data-act="answer"]')
        self.assertEqual((entry.get_attribute("title"), entry.inner_text()), (reason, f"Answer\n{reason}"))
        entry.click(force=True)
        self.choose("end")
        self.assertEqual(self.server.commands.get(timeout=20)["do"], "end")

    @in_browser
    def test_refused(self) -> None:
        self.server.refuse("hold", "The phone is <gone>.")
        self.server.show(me(call("a", "active")))
        self.call("a").click(button="right")
        self.choose("hold")
        self.page.wait_for_selector('.notice.error:has-text("The phone is <gone>.")')
        self.page.wait_for_selector('[role="alert"]:has-text("The phone is <gone>.")', state="attached")

    @in_browser
    def test_digits(self) -> None:
        self.server.show(me(call("a", "active")))
        self.call("a").click(button="right")
        self.choose("digits")
        self.page.keyboard.type(",")
        self.page.keyboard.press("Enter")
        self.page.keyboard.type("12,#")
        self.page.keyboard.press("Enter")
        self.assertEqual(self.server.got("digits"), {"call": "a", "device": "1071", "digits": ",12,#"})
        self.server.refuse("digits", "The other end takes no digits.")
        self.page.keyboard.type("x1")
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Home")
        self.page.keyboard.press("Delete")
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector('dialog [role="alert"]:has-text("takes no digits")')
        self.assertEqual(self.server.got("digits")["digits"], "1")
        self.assertEqual(self.page.input_value("dialog input"), "1", "to be sent once more")

    @in_browser
    def test_pick_up_by_click(self) -> None:
        self.server.show(manager(70, "Hans Muster", anothers("r", device="1070"), anothers("v", can={})))
        self.call("v").click(force=True)
        self.call("r").click()
        self.assertEqual(self.server.got("pickup"), {"call": "r", "device": "1070"})
        self.call("r").click(button="right")
        self.assertEqual(self.menu(), ["pickup"])

    @in_browser
    def test_quick_dial(self) -> None:
        dial = self.row(72).locator(".dial")
        self.assertEqual(dial.evaluate("one => getComputedStyle(one).opacity"), "0")
        self.row(72).locator(".name").hover()
        self.assertEqual(dial.evaluate("one => getComputedStyle(one).opacity"), "1")
        dial.click()
        self.assertEqual(self.server.got("dial"), {"to": {"member": 72}})
        self.assertFalse(self.row(71).locator(".dial").is_visible())

    @in_browser
    def test_nobody_can_be_called(self) -> None:
        """The buttons say beforehand why, and once more when they are pressed."""
        self.server.push({"type": "dialling", "why": "The phone is out of service."})
        self.page.wait_for_selector('[data-name="new_call"][aria-disabled="true"]')
        self.row(72).locator(".name").hover()
        dial = self.row(72).locator(".dial")
        for button in (dial, self.page.locator('[data-name="new_call"]')):
            self.assertEqual(button.get_attribute("aria-description"), "The phone is out of service.")
            button.click(force=True)
            self.page.click('.notice:has-text("The phone is out of service.") button')
        self.assertTrue(self.server.commands.empty())
        self.server.push({"type": "dialling", "why": ""})
        self.page.wait_for_selector('[data-name="new_call"]:not([aria-disabled])')
        self.row(72).locator(".name").hover()
        dial.click()
        self.assertEqual(self.server.got("dial"), {"to": {"member": 72}})

    @in_browser
    def test_double_clicks(self) -> None:
        """Nothing is done twice, and nothing to what comes under the pointer; a call's menu stays open."""
        self.server.show(me(call("a", "active")), manager(70, "Hans Muster", anothers("r", device="1070")))
        self.call("r").dblclick()
        self.assertEqual(self.server.got("pickup"), {"call": "r", "device": "1070"})
        self.row(72).locator(".name").hover()
        self.row(72).locator(".dial").dblclick()
        self.assertEqual(self.server.got("dial"), {"to": {"member": 72}})
        self.call("a").dblclick()
        self.page.locator('.menu [data-act="blind"]').dblclick()
        self.assertEqual(self.server.got("hold"), {"call": "a", "device": "1071"})
        self.assertEqual(self.page.locator("dialog").count(), 1)
        self.page.locator('dialog .target:has-text("Raf Sol")').first.dblclick()
        self.assertEqual(self.server.got("blind")["to"], {"member": 72})
        self.page.wait_for_selector("dialog", state="detached")
        self.page.click('[data-name="new_call"]')
        self.page.locator('dialog .target:has-text("Raf Sol")').first.dblclick()
        self.assertEqual(self.server.got("dial"), {"to": {"member": 72}})
        self.page.wait_for_selector("dialog", state="detached")
        self.assertTrue(self.server.commands.empty())

    @in_browser
    def test_new_call(self) -> None:
        self.server.answers["search"] = lambda _: {"found": [{"name": "Nina Frei", "number": "5566", "picture": ""}]}
        self.page.click('[data-name="new_call"]')
        self.page.keyboard.type("nina")
        self.page.click('dialog .target:has-text("Nina Frei")')
        self.assertEqual(self.server.got("search"), {"text": "nina"})
        self.assertEqual(self.server.got("dial"), {"to": {"number": "5566"}})
        self.page.wait_for_selector("dialog", state="detached")
