"""Members: the own one on top, presence, forwarding, messages, groups."""

from time import time

from tests.web.gadget.boards import manager, me, member, presence
from tests.web.gadget.browser import GadgetCase, in_browser


class Members(GadgetCase):
    """What is seen of people."""

    @in_browser
    def test_entry(self) -> None:
        forwarding = {"line": {"to": "number", "shown": "4321", "by": "Raf", "since": time()},
                      "application": {"to": "group", "shown": "", "by": "Raf", "since": time()}}  # fmt: skip
        self.server.show(manager(70, "Hans Muster", presence=presence("away", "Lunch", "Raf"), forwarding=forwarding))
        row = self.row(70)
        self.page.wait_for_selector('.message:has-text("Lunch")')
        words = " ".join(row.locator(".about").inner_text().split())
        self.assertEqual(words, "Hans Muster , Manager Away Lunch 1070 Group Accounting")
        self.assertTrue(row.locator(".crown").is_visible())
        self.assertFalse(self.row(72).locator(".crown").is_visible())
        self.assertRegex(row.locator(".presence").get_attribute("title"), r"^Away – Lunch\nSince .*, set by Raf$")
        self.assertIn("Application forwarding: Group", row.locator(".handset").get_attribute("aria-label"))
        self.assertEqual(row.locator(".letters").first.inner_text(), "HM")
        picture = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAACADs="
        self.server.show(member(72, "Raf Sol", picture=picture))
        self.page.wait_for_selector('.member[data-id="72"] .portrait img', state="attached")

    @in_browser
    def test_order_and_who_comes_and_goes(self) -> None:
        ids = "all => all.map(one => Number(one.dataset.id))"
        self.assertEqual(self.page.eval_on_selector_all(".member", ids), [71, 70, 72, 73])
        self.server.show(member(74, "Nina Frei"), order=[71, 70, 74, 73, 72])
        self.page.wait_for_selector('.member[data-id="74"]')
        self.assertEqual(self.page.eval_on_selector_all(".member", ids), [71, 70, 74, 73, 72])
        self.server.show(gone=[73])
        self.page.wait_for_selector('.member[data-id="73"]', state="detached")

    @in_browser
    def test_groups(self) -> None:
        groups = self.page.locator(".groups")
        self.assertEqual(groups.locator("option").all_inner_texts(), ["Accounting", "Sales"])
        groups.select_option("Sales")
        self.assertEqual(self.server.got("group"), {"group": 46})
        self.page.wait_for_selector('h1:has-text("Sales")')
        self.page.reload()
        self.assertEqual(self.server.got("group"), {"group": 46}, "a reload shows the same group")
        self.page.wait_for_selector('h1:has-text("Sales")')
        self.server.push({"type": "groups", "groups": [{"id": 45, "name": "Accounting"}]})
        self.server.push({"type": "empty"})
        self.page.wait_for_selector(".empty:visible")
        self.assertEqual(self.page.locator(".member").count(), 0)


class Presence(GadgetCase):
    """Its menu and its dialog."""

    @in_browser
    def test_menu(self) -> None:
        self.row(71).locator(".presence").click()
        self.assertEqual(self.menu(), ["available", "away", "busy", "dnd", "(unavailable)", "message"])
        self.choose("dnd")
        self.assertEqual(self.server.got("presence"), {"user": "maria.rossi", "value": "dnd", "message": ""})
        can = {"presence": False, "forward_line": False, "forward_application": False, "dial": True}
        self.server.show(member(72, "Raf Sol", can=can, presence=presence("busy")))
        self.page.wait_for_selector('.member[data-id="72"] [data-presence="busy"]')
        self.row(72).locator(".presence").click()
        self.assertEqual(self.menu(), ["(available)", "(away)", "(busy)", "(dnd)", "(unavailable)", "(message)"])

    @in_browser
    def test_message(self) -> None:
        self.row(72).locator(".presence").click()
        self.choose("message")
        self.page.keyboard.type("Back at <2>")
        self.page.check('[value="busy"]')
        self.server.refuse("presence", "Nobody may do this now.")
        self.page.click("dialog >> text=Save")
        self.page.wait_for_selector('dialog [role="alert"]:has-text("Nobody may do this now.")')
        del self.server.answers["presence"]
        self.server.got("presence")
        self.page.click("dialog >> text=Save")
        expected = {"user": "raf.sol", "value": "busy", "message": "Back at <2>"}
        self.assertEqual(self.server.got("presence"), expected)
        self.page.wait_for_selector("dialog", state="detached")


class Forwarding(GadgetCase):
    """The settings behind the handset."""

    def open_settings(self, id: int) -> None:
        self.row(id).locator(".handset").click()
        self.page.wait_for_selector("dialog")

    def keys(self) -> list[str]:
        found = self.page.eval_on_selector_all("dialog .target", "all => all.map(one => one.dataset.key)")
        return [str(key) for key in found]

    @in_browser
    def test_line(self) -> None:
        self.server.show(me(targets={"mobile": True, "voicemail": False}, department="No mailbox"))
        self.page.wait_for_selector('.member[data-id="71"] .department:has-text("No mailbox")')
        self.open_settings(71)
        self.assertEqual(self.keys(), ["none", "mobile", "member 70", "member 72", "member 73"])
        self.assertFalse(self.page.locator("[role=tablist]").is_visible())
        self.page.keyboard.type("4321")
        self.page.keyboard.press("Enter")
        expected = {"member": 71, "kind": "line", "to": "number", "number": "4321"}
        self.assertEqual(self.server.got("forward"), expected)
        self.page.wait_for_selector("dialog", state="detached")
        forwarding = {"line": {"to": "number", "shown": "4321", "by": "Raf", "since": time()}, "application": None}
        self.server.show(me(forwarding=forwarding))
        self.page.wait_for_selector('.member[data-id="71"] .forward:has-text("4321")')
        self.open_settings(71)
        self.page.wait_for_selector('dialog:has-text("Now: 4321 (set by Raf")')
        self.page.keyboard.type("Sol")
        self.assertEqual(self.keys(), ["none", "mobile", "voicemail", "member 72"])
        self.page.click('[data-key="member 72"]')
        self.assertEqual(self.server.got("forward"), {"member": 71, "kind": "line", "to": "member", "target": 72})

    @in_browser
    def test_application(self) -> None:
        forwarding = {"line": None, "application": {"to": "mobile", "shown": "", "by": "Raf", "since": time()}}
        self.server.show(manager(70, "Hans Muster", forwarding=forwarding))
        self.page.wait_for_selector('.member[data-id="70"] .icon-forward_application')
        self.open_settings(70)
        self.assertEqual(self.keys()[:4], ["none", "group", "mobile", "voicemail"])
        self.assertEqual(self.page.get_attribute('[data-key="mobile"]', "aria-current"), "true")
        self.page.click('[data-key="group"]')
        self.assertEqual(self.server.got("forward"), {"member": 70, "kind": "application", "to": "group"})
        self.page.wait_for_selector("dialog", state="detached")
        self.open_settings(70)
        self.page.click("role=tab[name='Phone line']")
        self.assertNotIn("group", self.keys())
        self.server.refuse("forward", "This would lead around in a circle.", "invalid")
        self.page.click('[data-key="voicemail"]')
        self.assertEqual(self.server.got("forward"), {"member": 70, "kind": "line", "to": "voicemail"})
        self.page.wait_for_selector('dialog [role="alert"]:has-text("in a circle")')


class OnPhone(GadgetCase):
    """Which group the own phone shows."""

    @in_browser
    def test_shown_and_not(self) -> None:
        button = self.page.locator('[data-name="on_phone"]')
        for shown, pressed, title in (
            (0, "false", "Show this group on your phone"), (46, "false", "Your phone shows Sales. Show this group"),
            (45, "true", "Your phone shows this group. Show none"),
        ):  # fmt: skip
            self.server.show(me(on_phone=shown))
            self.page.wait_for_selector(f'[data-name="on_phone"][title="{title}"]')
            self.assertEqual(button.get_attribute("aria-pressed"), pressed)
            button.click()
            self.assertEqual(self.server.got("on_phone"), {"member": 71, "shown": pressed == "false"})
        self.assertEqual(button.get_attribute("aria-label"), "Show Accounting on my phone")
        self.server.show(me(on_phone=None))
        button.wait_for(state="hidden")


class Messages(GadgetCase):
    """The own mailbox."""

    @in_browser
    def test_how_many(self) -> None:
        """Known before the panel is opened; what comes while it is open is in it."""
        messages = self.page.locator('[data-name="messages"]')
        self.assertEqual((messages.inner_text(), messages.get_attribute("aria-label")), ("", "Voicemail"))
        self.server.push({"type": "mail", "mail": {"box": "1071", "new": 2, "old": 1}})
        self.page.wait_for_selector('[data-name="messages"][title="Voicemail: 2 new"]:has-text("2")')
        one = {"id": 7, "name": "Peter Keller", "number": "0445551212", "left_at": time() - 60, "seconds": 4.2,
               "heard": False, "url": "/voicemail/1.wav"}  # fmt: skip
        shown = [one]
        self.server.answers["messages"] = lambda _: {"box": "1071", "messages": shown}
        messages.click()
        self.page.wait_for_selector(".messages li")
        shown.append({**one, "id": 8, "name": "Raf Sol"})
        self.server.push({"type": "mail", "mail": {"box": "1071", "new": 3, "old": 1}})
        self.page.wait_for_selector('.messages li:has-text("Raf Sol")')
        self.page.keyboard.press("Escape")
        self.server.push({"type": "mail", "mail": {"box": "", "new": 0, "old": 0}})
        messages.wait_for(state="hidden")

    @in_browser
    def test_messages(self) -> None:
        one = {"id": 7, "name": "Peter Keller", "number": "0445551212", "left_at": time() - 60, "seconds": 4.2,
               "heard": False, "url": "/voicemail/1.wav"}  # fmt: skip
        other = {**one, "id": 8, "name": "", "heard": True}
        self.server.answers["messages"] = lambda _: {"box": "1071", "messages": [one, other]}
        self.page.click('[data-name="messages"]')
        rows = self.page.locator(".messages li")
        self.page.wait_for_selector(".messages li")
        self.assertEqual(rows.count(), 2)
        self.assertIn("New", rows.first.inner_text())
        self.assertEqual(rows.first.locator("a").get_attribute("href"), "/voicemail/1.wav")
        rows.first.locator('[data-act="play"]').click()
        self.assertEqual(self.server.got("heard"), {"message": 7, "heard": True}, "it was played to its end")
        self.page.wait_for_selector(".messages .new", state="detached")
        rows.nth(1).locator('[data-act="heard"]').click()
        self.assertEqual(self.server.got("heard"), {"message": 8, "heard": False})
        rows.nth(1).locator('[data-act="delete"]').click()
        self.page.get_by_text("Really delete").click()
        self.assertEqual(self.server.got("delete"), {"message": 8})
        self.page.wait_for_selector(".messages li:nth-child(2)", state="detached")
