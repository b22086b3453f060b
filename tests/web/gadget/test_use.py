"""For everybody: the keyboard alone, axe-core's rules, languages, narrow pages."""

import re

from magroup.resources import resource
from tests.web.gadget.boards import anothers, call, hidden, manager, me, member, presence
from tests.web.gadget.browser import GadgetCase, in_browser, serious

LANGUAGES = ("en", "de", "fr")


class Keyboard(GadgetCase):
    """Without a mouse."""

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.getAttribute('aria-label')"))

    @in_browser
    def test_a_whole_day(self) -> None:
        nina = anothers("r", name="Nina")
        self.server.show(me(call("a", "active", "Peter Keller")), manager(70, "Hans Muster", nina))
        self.call("r").wait_for()
        self.page.focus(".groups")
        self.press("Tab")
        self.assertIn("Line of Maria Rossi", self.focused())
        self.press("ArrowRight")
        self.assertIn("Presence of Maria Rossi", self.focused())
        self.press("Enter", "ArrowDown", "Enter")
        self.assertEqual(self.server.got("presence")["value"], "away")
        self.assertIn("Presence of Maria Rossi", self.focused(), "the menu gives the focus back")
        self.press("End")
        self.assertIn("Peter Keller", self.focused())
        self.press("Shift+F10")
        self.assertEqual(self.menu()[0], "end")
        self.press("c", "Enter")
        self.page.wait_for_selector("dialog")
        self.server.got("hold")
        self.press("ArrowDown", "ArrowDown", "ArrowRight")
        self.assertEqual(self.focused(), "Voicemail of Raf Sol")
        self.press("ArrowLeft", "Enter")
        self.assertEqual(self.server.got("consult")["to"], {"member": 72})
        self.page.wait_for_selector("dialog", state="detached")
        self.press("ArrowDown")
        self.assertIn("Nina, Ringing, press to pick up", self.focused())
        self.press("Enter")
        self.assertEqual(self.server.got("pickup")["call"], "r")
        self.press("ArrowLeft")
        self.assertEqual(self.focused(), "Call Hans Muster")
        self.press("Enter")
        self.assertEqual(self.server.got("dial"), {"to": {"member": 70}})
        self.press("Control+End", "Home", "Enter")
        self.page.wait_for_selector('dialog h2:has-text("Forwarding: Ara Dink")')
        self.press("ArrowDown", "ArrowDown", "Enter")
        self.assertEqual(self.server.got("forward"), {"member": 73, "kind": "line", "to": "mobile"})

    @in_browser
    def test_focus_stays(self) -> None:
        self.server.show(me(call("a", name="Peter Keller"), call("b", name="Nina")))
        self.page.focus('.call[data-id="a"]')
        self.server.show(me(call("a", "active", "Peter Keller"), call("b", name="Nina")))
        self.page.wait_for_selector('.call[data-id="a"][data-state="active"]')
        self.assertIn("Peter Keller, Active", self.focused())
        self.server.show(me(call("b", name="Nina")))
        self.call("a").wait_for(state="detached")
        self.assertIn("Nina", self.focused())
        self.server.show(me())
        self.call("b").wait_for(state="detached")
        self.assertIn("Line of Maria Rossi", self.focused())


class Rules(GadgetCase):
    """Those of axe-core (WCAG 2) in light and dark, in all that can be open."""

    def serious(self, where: str) -> None:
        serious(self.page, where)

    @in_browser
    def test_rules(self) -> None:
        can = {"complete": "", "cancel": "Not now."}
        states = [call(state, state, "Peter", "1") for state in ("ringing", "active", "held")]
        self.server.show(
            me(*states, call("c", "calling", "X", consulting="held", can=can)), member(74, "N", hidden("h")),
            manager(70, "Hans Muster", anothers("r", vip={"level": 2, "why": ""}), presence=presence("dnd", "x")),
            member(72, "Raf Sol", presence=presence("busy")), member(73, "Ara Dink", presence=presence("away")),
            member(75, "Off", line="out_of_service", presence=presence("unavailable")),
        )  # fmt: skip
        self.call("h").wait_for()
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.serious(scheme)
            self.page.click('.call[data-id="active"]', button="right")
            self.serious(f"{scheme} menu")
            self.choose("blind")
            self.serious(f"{scheme} transfer")
            self.page.keyboard.press("Escape")
            self.page.wait_for_selector("dialog", state="detached")
        self.row(70).locator(".handset").click()
        self.serious("forwarding")
        self.page.keyboard.press("Escape")
        self.row(70).locator(".presence").click()
        self.choose("message")
        self.serious("message")
        self.page.keyboard.press("Escape")
        self.server.is_away = True
        self.server.drop()
        self.page.wait_for_selector(".lost:visible")
        self.serious("lost")


class Words(GadgetCase):
    """English, German, French."""

    @in_browser
    def test_choice(self) -> None:
        for language, words in (("de", "Klingelt"), ("fr", "Sonne"), ("en", "Ringing")):
            self.page.click('[data-name="more"]')
            self.choose(language)
            self.assertEqual(self.server.got("language"), {"language": language})
            self.page.wait_for_selector(f'html[lang="{language}"]', state="attached")
            self.server.show(me(call("a")))
            self.page.wait_for_selector(f'.line-word:text-is("{words}")')

    @in_browser
    def test_every_text_in_every_language(self) -> None:
        texts = [
            self.page.evaluate(f"import('/static/gadget/texts/{language}.js').then(one => one.default)")
            for language in LANGUAGES
        ]
        english = {name: set(re.findall(r"\{\w+\}", words)) for name, words in texts[0].items()}
        for other in texts[1:]:
            self.assertEqual({name: set(re.findall(r"\{\w+\}", words)) for name, words in other.items()}, english)
        sources = "".join(file.read_text("utf-8") for file in resource("static", "gadget").glob("*.js"))
        named = set(re.findall(r'\bt\(\s*"([a-z_]+)"', sources))
        self.assertEqual(named - set(english), set())
        starts = tuple(re.findall(r"\bt\(`([a-z]+_)\$\{", sources))
        unused = {name for name in set(english) - named if not name.startswith(starts) and f'"{name}"' not in sources}
        self.assertEqual(unused, set())


class Narrow(GadgetCase):
    """320 px, many people, many calls, names of all kinds."""

    width, height = 320, 640

    @in_browser
    def test_nothing_sticks_out(self) -> None:
        calls = [call(f"c{number}", "active", "Maximiliane-Theodora", "+41 44 555 12 12") for number in range(10)]
        names = ("Maximiliane-Theodora von Hohenlohe-Waldenburg-Schillingsfürst", "مريم عبد الرحمن الهاشمي", "X" * 60)
        self.server.show(me(*calls), *(member(100 + at, names[at % 3]) for at in range(40)))
        self.page.wait_for_selector('.member[data-id="139"]')
        # Calls slide in from the side.
        self.page.evaluate("Promise.all(document.getAnimations().map(one => one.finished)).then(() => null)")
        self.assertLessEqual(self.page.evaluate("document.documentElement.scrollWidth"), 320)
        for id in ("c0", "c9"):
            box = self.call(id).bounding_box()
            self.assertTrue(box["x"] >= 0 and box["x"] + box["width"] <= 320)
        self.call("c0").click(button="right")
        self.choose("consult")
        self.assertLessEqual(self.page.locator("dialog").evaluate("one => one.scrollWidth - one.clientWidth"), 0)
