"""An administrator's way through the tab Switch, in Chromium."""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.threads import blockingCallFromThread

from magroup.cti.switch import Accept
from magroup.model.lines import Phone, Trunk
from magroup.model.standing import LinkStanding
from tests.web.admin.browser import BrowserCase, arrived
from tests.web.admin.site import HOME
from tests.web.admin.switch.site import PBX, SwitchWeb, office, registration
from tests.web.gadget.browser import serious

reactor: Any = _reactor
SHOTS = os.environ.get("MAGROUP_SCREENSHOTS", "")


class Way(BrowserCase):
    """Two phones, a trunk that is silent, a caller who hears an announcement."""

    web: SwitchWeb

    def make(self, folder: Path) -> SwitchWeb:
        return SwitchWeb(begin=office(), folder=folder)

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.web.end)
        bench = self.web.bench
        silent = Trunk(2, "Carrier", "127.0.0.98", prefix="9", ping_interval=60)
        phones = (Phone("SEP0123456789AB", "CP-8845", ("1071",)), Phone("desk-7", "", ("1175",)))
        self.web.reconfigure(trunks=(PBX, silent), phones=phones)
        now = bench.clock.seconds()
        services = tuple(f"{name}Call" for name in ("answer", "consultation", "hold", "retrieve", "transfer"))
        self.web.standing.link = lambda: LinkStanding(
            "CSTA III", "pbx.example.com:1040 (TLS)", False, now - 90, "The login is refused", "The login is refused",
            now - 30, services, 30, 28, 29, ("1175",), 3, 2,
        )  # fmt: skip
        bench.phone("pbx", "127.0.0.99", register=False)
        bench.phone("1071")
        bench.phone("1175").unplug()
        self.web.register(*(
            registration(number, user_agent="Cisco-CP8845/12.8.1") for number in ("1068", "1069")
        ))  # fmt: skip
        for _ in range(300):
            bench.telephony.guard.failed("192.0.2.66", "1071")
        bench.run(240, 0.5)
        bench.phones[1].dial("5555")
        (call,) = bench.switch.calls()
        bench.switch.accept_call(call.id, Accept.EARLY_MEDIA)
        bench.switch.play_message(call.id, ["Waiting1.wav"], True)
        bench.run(1, 0.02)

    def test_through_the_tab(self) -> Deferred[Any]:
        return self.browse(self.through_the_tab)

    def test_narrow_and_dark(self) -> Deferred[Any]:
        def work(page: Page) -> None:
            for path in ("", "/registrations", "/bans", "/layers?of=dialogs", "/number?caller=0313111111&number=5544"):
                page.goto(f"{self.url}{HOME}switch{path}")
                self.looks(page, f"dark{path.replace('/', ' ').partition('?')[0]}")

        return self.browse(work, 375, dark=True)

    def do(self, work: Any, *arguments: Any) -> None:
        """Something happens in the switch meanwhile."""
        blockingCallFromThread(reactor, work, *arguments)

    def through_the_tab(self, page: Page) -> None:
        page.goto(f"{self.url}{HOME}switch")
        self.looks(page, "overview")
        self.refreshes(page)
        page.click(".sections >> text=Registrations")
        self.registrations(page)
        page.click(".sections >> text=Layers")
        page.click(".layers >> text=Transports")
        page.wait_for_selector("pre:has-text('listening')")
        self.looks(page, "layers")
        page.click(".sections >> text=Why")
        self.number(page)
        page.click("nav >> text=Users")
        for section in ("Lines", "Phones", "Trunks"):
            page.click(f".sections >> text={section}")
            self.looks(page, f"states {section}")

    def refreshes(self, page: Page) -> None:
        """By itself, but for what somebody uses, and not when it is switched off."""
        page.clock.install()
        page.reload()
        assert page.is_checked("#refresh input")
        calls = page.locator("#figures dd").first
        assert calls.inner_text() == "1"
        self.do(self.web.bench.switch.end_calls)
        self.do(self.web.bench.run, 2.0)
        page.evaluate("document.querySelector('#stream-list .scroll').focus()")
        page.clock.run_for(5100)
        calls.filter(has_text="0").wait_for()
        assert page.is_visible("text=Waiting1.wav")
        page.evaluate("document.activeElement.blur()")
        page.clock.run_for(5100)
        page.wait_for_selector("text=Nothing is played")
        page.uncheck("#refresh input")
        as_of = page.inner_text("#as-of")
        self.do(self.web.bench.run, 7.0)
        page.clock.run_for(20_000)
        assert page.inner_text("#as-of") == as_of
        page.check("#refresh input")
        page.clock.run_for(5100)
        page.locator("#as-of").filter(has_not_text=as_of).wait_for()
        page.clock.run_for(31 * 60 * 1000)
        page.wait_for_selector("#refresh input:not(:checked)")

    def registrations(self, page: Page) -> None:
        page.wait_for_selector("tbody tr >> nth=3")
        self.looks(page, "registrations")
        page.fill("#q", "cisco")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=cisco*")
        assert page.locator("tbody tr").count() == 2
        page.focus("tbody button >> nth=0")
        page.keyboard.press("Enter")
        arrived(page, "text=The registration is ended.")
        assert page.locator("tbody tr").count() == 1
        assert page.input_value("#q") == "cisco"

    def number(self, page: Page) -> None:
        page.fill("#caller", "+41 31 311 11 11")
        page.fill("#number", "no number")
        page.keyboard.press("Enter")
        page.wait_for_selector("#number-wrong")
        assert page.input_value("#caller") == "+41 31 311 11 11"
        self.looks(page, "number wrong")
        page.fill("#number", "5544")
        page.keyboard.press("Enter")
        page.wait_for_selector(".stages")
        self.looks(page, "number")
        page.go_back()
        page.wait_for_selector("#number-wrong")

    def looks(self, page: Page, name: str) -> None:
        """Nothing serious for who cannot see it, no wider than the window; a picture, where they are wanted."""
        serious(page, name)
        width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], (name, width)
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/switch {name}.png", full_page=True)
